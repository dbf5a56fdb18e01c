// The data of every behaviour on plain text: documents → tokens, lanes persist, labels by the behaviour.

import type { ExperimentSpec } from '../contract/experiment-spec'
import { Fault } from '../contract/fault'
import { documents, textFieldOf } from '../dataset/documents'
import { noted } from '../dataset/fields'
import { type Encoded, once } from '../dataset/special-tokens'
import type { DataPipeline, PipelineContext } from '../stream/data-pipeline'
import type { PreparedRecord } from '../stream/example'
import type { Labeller } from '../stream/pack'
import { autoregressive, favorFuture, pack, repetition, skipTokens } from '../stream/pack'

/** The label rule of one behaviour, from its options. Faults: its own. */
export type OpenLabeller = (context: PipelineContext) => Promise<Labeller>

type Options<K extends ExperimentSpec['kind']> = Extract<ExperimentSpec, { kind: K }>

export const ownTokens: OpenLabeller = async () => autoregressive

export const tokensAhead: OpenLabeller = async ({ spec }) =>
  skipTokens((spec.experiment as Options<'skip-tokens'>).skip)

export const laterTokens: OpenLabeller = async ({ spec }) =>
  favorFuture((spec.experiment as Options<'favor-future'>).lookahead)

/** Tokens of the repeated text. The original's began with Llama's `<s>`, and repeated it. Faults: usage. */
export async function repeatedIds({
  spec,
  tokenizer,
}: Pick<PipelineContext, 'spec' | 'tokenizer'>): Promise<readonly number[]> {
  const { text } = spec.experiment as Options<'repetition'>
  const ids = await tokenizer.encode(text, { special: spec.original })
  if (ids.length > 0) return ids
  const message = `the text ${JSON.stringify(text)} has no tokens`
  throw new Fault('usage', message, 'Give a text to repeat.')
}

export const repeatedText: OpenLabeller = async context => repetition(await repeatedIds(context))

const unconditional = new Float32Array(0)

const exampleOf = ({ ids, changes }: Encoded): PreparedRecord =>
  ids.length === 0
    ? { skipped: 'no tokens' }
    : {
        ids: Int32Array.from(ids),
        conditions: unconditional,
        ...(changes.length > 0 ? { changes } : {}),
      }

/** Raw records are texts. Faults: those of documents, and of the label rule. */
export async function openTextPipeline(
  context: PipelineContext,
  openLabeller: OpenLabeller,
): Promise<DataPipeline> {
  const { spec, tokenizer } = context
  const field = await textFieldOf(spec.data.path, spec.data.field)
  const labeller = await openLabeller(context)
  return {
    lanes: 'persistent',
    field,
    heavy: false,
    async *records(path, skipped) {
      for await (const { text, notes = [] } of documents(path, field, skipped))
        yield noted({ key: text, bytes: text.length * 2, raw: text }, notes)
    },
    prepare: async raws => {
      const encoded = await tokenizer.encodeBatch(raws as readonly string[])
      // the original takes what the tokenizer gives
      return encoded.map(ids =>
        exampleOf(
          spec.original ? { ids, changes: [], shared: 0 } : once(ids, tokenizer, 'document'),
        ),
      )
    },
    pack: (lanes, options) => pack(lanes, labeller, { ...options, original: spec.original }),
  }
}
