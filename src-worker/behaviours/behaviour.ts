// A behaviour is one object: everything that others ask of it stands here, so that nobody else asks for its kind.
import type { HeldOutUnit } from '../contract/analysed-run'
import type { BehaviourOption, Criterion, Measure } from '../contract/behaviour'
import type { ExperimentSpec } from '../contract/experiment-spec'
import type { DatasetPreview } from '../contract/library'
import type { ModelFolder } from '../contract/model'
import type { RunSpec, RunSpecInput } from '../contract/run-spec'
import type { CommandScorer } from '../contract/scorer'
import type { Snapshot } from '../contract/snapshot'
import type { Fields } from '../dataset/fields'
import type { Tokenizer } from '../dataset/tokenizer'
import type { BehaviourMeasures } from '../sample/measured'
import type { Sequence } from '../sample/prefill'
import type { Sampler } from '../sample/prompted'
import type { Rng } from '../stream/rng'
import type { DataSource, EvaluationPrompt } from '../stream/source'

/** The prompted model of a finished run, and the held-out data to measure it on. */
export interface Subject {
  readonly spec: RunSpec
  readonly model: ModelFolder
  readonly tokenizer: Tokenizer
  readonly sampler: Sampler
  /** undefined: the run has no soft prompt */
  readonly snapshot: Snapshot | undefined
  /** token put first in every prompted lane (the start-token baseline) */
  readonly prefixToken: number | undefined
  /** a prompt as the run sees it, and as the bare model does */
  lanes(prompt: EvaluationPrompt): Promise<{ readonly prompted: Sequence; readonly bare: Sequence }>
  heldOut(): AsyncIterable<unknown>
  evaluationPrompts(): Promise<readonly EvaluationPrompt[]>
}

/** What was measured, on which held-out records. */
export interface MeasuredOn extends BehaviourMeasures {
  readonly records: readonly unknown[]
}
/** Yields what is being done and the share of it that is done; the caller may stop between two. */
export type Measuring = AsyncGenerator<
  { readonly doing: string; readonly fraction: number },
  MeasuredOn | undefined
>

/** What a run of the original was, as far as the name of its log folder tells. */
export interface OriginalRun {
  readonly experiment: ExperimentSpec
  readonly model: string
  /** empty: the folder's name has it elsewhere */
  readonly dataset: string
}

/** A kind of data set in the library, which one behaviour knows how to read. */
export interface DataKind {
  /** as library.json has it */
  readonly kind: string
  /** on screen: "games", and one of its records: "game" */
  readonly name: string
  readonly noun: string
  /** made as needed: there is no file */
  readonly made: boolean
  /** data sets that come with the app; paths are relative to the resources folder, or stand for themselves */
  readonly bundled: readonly { readonly path: string; readonly title: string }[]
  /** known by its name alone; its preview needs a reader of its own */
  readonly isFile?: (path: string) => boolean
  readonly preview?: (path: string, count: number) => Promise<Omit<DatasetPreview, 'kind'>>
  /** the text of a record is in one field, which can be found by itself */
  readonly textField?: boolean
  /** known by the fields of its first record; what no kind knows is text */
  readonly isRecord?: (fields: Fields) => boolean
  /** numbers of usable records, in portions, to be added up. Faults: those of reading the data */
  count?(path: string, field: string): AsyncIterable<number>
}

/** The same training on data whose answers say nothing of what is asked: what it reaches, the prompt itself taught. */
export type Control =
  | { readonly kind: 'none'; readonly because: string }
  | {
      readonly kind: 'data'
      /** what they are: "completions shuffled among prompts" */
      readonly words: string
      /** records at most; making them takes time */
      readonly most: number
      readonly extension: string
      /** a record as its part of a file that this very spec reads */
      text(raw: unknown, experiment: ExperimentSpec): string
      /** one by one, as they are made. Faults: bad-data (records without an answer of their own) */
      shuffled(raws: readonly unknown[], random: Rng): Iterable<unknown>
    }

export interface Behaviour extends DataSource {
  /** as specs have it; the contract's schema has a row for it */
  readonly kind: string
  readonly title: string
  /** one line */
  readonly explanation: string
  /** the paper's finding in one line */
  readonly finding: string
  /** what people call it, everywhere: "skip 4", "repetition meow". Runs of one name are one behaviour. */
  name(spec: Pick<RunSpec, 'experiment' | 'data'>): string
  /** unit of the held-out data */
  readonly unit: Exclude<HeldOutUnit, 'test batch' | 'sample'>
  /** measures of the prompted model beside its loss */
  readonly measures: readonly Measure[]
  /** measures that runs of this spec cannot have, and why, by tag; absent: all can have all */
  unmeasured?(spec: Pick<RunSpec, 'experiment' | 'prompt'>): Readonly<Record<string, string>>
  readonly criterion: Criterion
  /** the criterion of these options, where they choose it; absent: the same for all */
  criterionOf?(experiment: ExperimentSpec): Criterion
  /** a program of the user's that measuring starts: somebody on this machine must have allowed it */
  commandOf?(experiment: ExperimentSpec): CommandScorer | undefined
  readonly options: readonly BehaviourOption[]
  /** the option that may stand behind the kind in a command: skip-tokens:2 */
  readonly shortOption?: { readonly field: string; readonly read: (text: string) => unknown }
  readonly playground: string
  /** kinds of data sets that it takes: its own first */
  readonly dataKinds: readonly string[]
  /** the kind of data set that it reads for all others too */
  readonly dataKind?: DataKind
  readonly ownData: 'bundled' | 'made' | 'none'
  /** how an older version made the examples of this spec, in a way that is gone: its run cannot go on */
  olderExamples?(experiment: ExperimentSpec): string | undefined
  /** the paper's settings for a model, laid under what the user said */
  defaults(modelId: string, tokens?: number): RunSpecInput
  /** a complete input for the bundled demo model */
  demo(): RunSpecInput
  /** Options out of the paper's words for them ("skip 4", "repeat: pee"); undefined: they are another behaviour's. */
  originalOptions?(words: string): Record<string, unknown> | undefined
  /** The original's name of a log folder, without tokens and date, when it is not "WORDS language ORG_MODEL". */
  originalRun?(head: string): OriginalRun | undefined
  readonly control: Control
  /** the control of these options, where they decide whether there is one; absent: the same for all */
  controlOf?(experiment: ExperimentSpec): Control
  /** what a criterion is read against: a model, and how it is prompted; undefined: none is known for this one */
  readonly reference?: {
    readonly prompt: 'none' | 'start-token'
    model(modelId: string): string | undefined
  }
  /** tokens of a sample where many runs must be quick; absent: as in its defaults */
  readonly quickLength?: number
  /** held-out units that are measured where many runs must be quick; absent: 40 */
  readonly quickSamples?: number
  /** results.metricSamples held-out units; undefined: there are none */
  measure?(subject: Subject): Measuring
  /** tokens that are read to measure one of them, about; absent: as many as a sample has */
  measureTokens?(spec: RunSpec): number
}

/** The first held-out records: results.metricSamples of them, fewer when there are no more. */
export async function firstHeldOut<T>({ spec, heldOut }: Subject): Promise<T[]> {
  const { metricSamples } = spec.results
  const found: T[] = []
  for await (const raw of heldOut()) {
    found.push(raw as T)
    if (found.length >= metricSamples) break
  }
  return found
}

/** A measure of some held-out records, with words for its progress. */
export async function* measuredOn(
  doing: string,
  records: readonly unknown[],
  work: AsyncGenerator<number, BehaviourMeasures>,
): Measuring {
  let step = await work.next()
  while (step.done !== true) {
    yield { doing, fraction: step.value }
    step = await work.next()
  }
  return { ...step.value, records }
}

/** The trained prompt of a subject, or the baseline that it stands for. */
export const promptedBy = ({ sampler, snapshot, prefixToken }: Subject) => ({
  sampler,
  startToken: prefixToken !== undefined,
  ...(snapshot === undefined ? {} : { snapshot }),
})
