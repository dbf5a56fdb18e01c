// The recipe of every experiment on plain text: documents → tokens, lanes persist, labels by the experiment.

import { Fault, fail } from '../contract/fault'
import { documents, textFieldOf } from '../dataset/documents'
import { type Encoded, once } from '../dataset/special-tokens'
import type { Prepared } from '../stream/example'
import type { Labeller } from '../stream/pack'
import { autoregressive, favorFuture, pack, repetition, skipTokens } from '../stream/pack'
import type { Recipe, RecipeContext } from '../stream/recipe'

/** Tokens of the repeated text. The original's began with Llama's `<s>`, and repeated it. */
async function repeatedIds(context: RecipeContext, text: string): Promise<number[]> {
  const ids = await context.tokenizer.encode(text, { special: context.spec.original })
  if (ids.length > 0) return ids
  const message = `the text ${JSON.stringify(text)} has no tokens`
  throw new Fault('usage', message, 'Give a text to repeat.')
}

async function labellerOf(context: RecipeContext): Promise<Labeller> {
  const { experiment } = context.spec
  switch (experiment.kind) {
    case 'autoregressive':
    case 'chat-detuning':
      return autoregressive
    case 'skip-tokens':
      return skipTokens(experiment.skip)
    case 'favor-future':
      return favorFuture(experiment.lookahead)
    case 'repetition':
      return repetition(await repeatedIds(context, experiment.text))
    default:
      return fail(`${experiment.kind} is no experiment on plain text`)
  }
}

const unconditional = new Float32Array(0)

const exampleOf = ({ ids, changes }: Encoded): Prepared =>
  ids.length === 0
    ? { skipped: 'no tokens' }
    : {
        ids: Int32Array.from(ids),
        conditions: unconditional,
        ...(changes.length > 0 ? { changes } : {}),
      }

/** Raw records are texts. Faults: those of documents; usage (a repeated text without tokens). */
export async function openTextRecipe(context: RecipeContext): Promise<Recipe> {
  const { spec, tokenizer } = context
  const field = await textFieldOf(spec.data.path, spec.data.field)
  const labeller = await labellerOf(context)
  return {
    lanes: 'persistent',
    conditionNames: [],
    field,
    heavy: false,
    async *records(path, skipped) {
      for await (const { text } of documents(path, field, skipped))
        yield { key: text, bytes: text.length * 2, raw: text }
    },
    prepare: async raws => {
      const encoded = await tokenizer.encodeBatch(raws as readonly string[])
      // the original takes what the tokenizer gives
      return encoded.map(ids =>
        exampleOf(spec.original ? { ids, changes: [] } : once(ids, tokenizer, 'document')),
      )
    },
    pack: (lanes, options) => pack(lanes, labeller, { ...options, original: spec.original }),
  }
}
