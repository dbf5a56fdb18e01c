// What the parts of one run share, what they report, and how they are stopped.
import { Fault } from '../contract/fault'
import type { MetricLine } from '../contract/metrics'
import type { RunState } from '../contract/run'
import type { StopRequest } from './control'
import type { Places } from './home'
import type { LoopState } from './loop'
import type { RunInputs } from './prepare'
import type { RunRecord } from './record'
import type { Trainer } from './trainer'

export interface RunHost extends Places {
  /** of the lease */
  readonly owner: string
  /** instead of the spec's `auto`, when the queue chose one of several devices */
  readonly device?: string
  /** threads of ONNX Runtime; 0: all cores */
  readonly threads: number
  /** requested beside the run's control file, for instance by Ctrl-C */
  stopRequest(): StopRequest
  /** TensorBoard files of the run as it is now; called at checkpoints and at the end */
  writeEvents(folder: string): Promise<void>
}

export type RunUpdate =
  | { readonly kind: 'state'; readonly state: RunState }
  | { readonly kind: 'metrics'; readonly lines: readonly MetricLine[] }
  | { readonly kind: 'progress'; readonly doing: string; readonly fraction: number | null }
  | { readonly kind: 'log'; readonly line: string }

/** What the parts of a run share. */
export interface Job {
  readonly folder: string
  readonly host: RunHost
  readonly prepared: RunInputs
  readonly record: RunRecord
  readonly trainer: Trainer
  /** there is no room for the sessions of training and of tests at once */
  readonly testsApart: boolean
  /** throws StopRequested when a stop was requested */
  checkStop(): void
}

/** Thrown inside a run when a pause or stop was requested. */
export class StopRequested {
  readonly stopRequest: 'pause' | 'stop'
  constructor(stopRequest: 'pause' | 'stop') {
    this.stopRequest = stopRequest
  }
}

/** Throws when a stop was requested. */
export function throwIfStopRequested(stopRequest: StopRequest): void {
  if (stopRequest !== 'go') throw new StopRequested(stopRequest)
}

/** A line of metrics that belongs to the last finished step. */
export const lineOf = (now: LoopState, values: MetricLine['values']): MetricLine => ({
  step: now.state.step,
  wall: Date.now(),
  seconds: now.seconds,
  tokens: now.tokens,
  values,
})

/** Options of the stream for this prompt: the start-token baseline puts that token in front. */
export const streamOptions = ({ prepared }: Job): { prefixToken?: number } => prefixOf(prepared)

export function prefixOf({ spec, tokenizer, model }: RunInputs): { prefixToken?: number } {
  if (spec.prompt.type !== 'start-token') return {}
  const prefixToken = tokenizer.bosTokenId ?? model.config.bosTokenId
  const { vocabularySize } = model.config
  if (prefixToken !== undefined && prefixToken < vocabularySize) return { prefixToken }
  if (prefixToken !== undefined)
    throw new Fault(
      'bad-tokenizer',
      `${model.id} names ${prefixToken} as its start token, but has only ${vocabularySize} tokens`,
      'Leave out this baseline, or correct bos_token_id in config.json.',
    )
  throw new Fault(
    'bad-tokenizer',
    `${model.id} names no start token, neither in tokenizer_config.json nor in config.json`,
    'Leave out this baseline, or add bos_token_id to config.json.',
  )
}
