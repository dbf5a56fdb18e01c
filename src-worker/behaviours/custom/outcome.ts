// One held-out record, answered: does the prompted model write the completion, and does it prefer it to others?
// Tokens are those of labels.ts; nothing is tokenised here.
import type { Tokenizer } from '../../dataset/tokenizer'
import { generate, type Sequence } from '../../sample/generate'
import type { Sampler } from '../../sample/prompted'
import { scoreContinuations } from '../../sample/score'
import type { Choice, EvaluationPrompt } from '../../stream/source'

/** A prompt with the labelled tokens that should follow it. */
export type Question = EvaluationPrompt & { readonly target: readonly number[] }

export interface CustomOutcome {
  readonly id: string
  /** what is written greedily is the completion, up to its first stop token, and ends there */
  readonly exact: boolean
  /** share of the completion's tokens before the first wrong one */
  readonly prefix: number
  /** nats, over all labels of the completion: its end token is one */
  readonly logProb: number
  /** null: no alternatives were given */
  readonly choice: ChoiceOutcome | null
}

/** Whether the completion is the most probable of the options, and what guessing reaches. */
export interface ChoiceOutcome {
  readonly total: boolean
  readonly perToken: boolean
  readonly perByte: boolean
  readonly chance: number
}

export interface Answering {
  readonly sampler: Sampler
  readonly tokenizer: Pick<Tokenizer, 'decode' | 'isSpecial'>
  /** ids that end what the model writes */
  readonly stops: ReadonlySet<number>
  /** the prompt with what stands for it in this run: soft prompt, start token, or nothing */
  prompted(prompt: EvaluationPrompt): Promise<Sequence>
}

/** More tokens than the completion has, so that one that is written in other tokens is seen whole. */
export const slack = (tokens: number): number => 1 + Math.ceil(tokens / 4)

interface Written {
  readonly ids: readonly number[]
  readonly stopped: boolean
}

async function greedy(
  { sampler }: Answering,
  sequence: Sequence,
  maxTokens: number,
  stopIds: readonly number[],
): Promise<Written> {
  const sampling = { temperature: 0, topP: 1, topK: 1, minP: 0, repetitionPenalty: 1, seed: 0 }
  const ids: number[] = []
  let stopped = false
  for await (const [step] of generate(sampler, [sequence], { ...sampling, stopIds, maxTokens })) {
    if (step?.done === 'end') stopped = true
    else if (step !== undefined) ids.push(step.token)
  }
  return { ids, stopped }
}

/** Up to the first stop token; a completion without one is compared over its own length. */
async function match(
  answering: Answering,
  question: Question,
): Promise<{ readonly exact: boolean; readonly prefix: number }> {
  const { target } = question
  const last = target.at(-1) as number
  const { stops, tokenizer } = answering
  const ends = tokenizer.isSpecial(last) ? new Set([...stops, last]) : stops
  const end = target.findIndex(id => ends.has(id))
  const wanted = end < 0 ? target : target.slice(0, end)
  const most = wanted.length + (end < 0 ? 0 : slack(wanted.length))
  const written = await greedy(answering, await answering.prompted(question), most, [...ends])
  const { tokenIds } = question
  const textOf = (ids: readonly number[]) => tokenizer.decode([...tokenIds, ...ids])
  const complete = end < 0 || written.stopped
  const exact = complete && (await textOf(written.ids)) === (await textOf(wanted))
  const wrong = wanted.findIndex((id, i) => written.ids[i] !== id)
  const right = wrong < 0 ? wanted.length : wrong
  return { exact, prefix: exact || wanted.length === 0 ? Number(exact) : right / wanted.length }
}

const isBest = (scores: readonly number[]): boolean =>
  scores.slice(1).every(other => other < (scores[0] as number))

/** As lm-evaluation-harness's acc and acc_norm, with the end token counted. */
function choiceOf({ options }: Choice, sums: readonly number[]): ChoiceOutcome {
  const per = (size: (option: Choice['options'][number]) => number) =>
    sums.map((sum, i) => sum / size(options[i] as Choice['options'][number]))
  return {
    total: isBest(sums),
    perToken: isBest(per(({ ids }) => ids.length)),
    perByte: isBest(per(({ bytes }) => Math.max(1, bytes))),
    chance: 1 / options.length,
  }
}

export async function outcomeOf(answering: Answering, question: Question): Promise<CustomOutcome> {
  const { tokenIds, target, id } = question
  const choice = question.choice ?? { at: tokenIds.length, options: [{ ids: target, bytes: 0 }] }
  // options may part from each other before the completion begins: tokens across the boundary
  const shared = { ...question, tokenIds: tokenIds.slice(0, choice.at) }
  const texts = choice.options.map(({ ids }) => ids)
  const scores = await scoreContinuations(
    answering.sampler,
    await answering.prompted(shared),
    texts,
  )
  const own = scores[0]?.perToken.slice(tokenIds.length - choice.at) ?? []
  return {
    id,
    ...(await match(answering, question)),
    logProb: own.reduce((sum, x) => sum + x, 0),
    choice: question.choice
      ? choiceOf(
          choice,
          scores.map(({ logProb }) => logProb),
        )
      : null,
  }
}
