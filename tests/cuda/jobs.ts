// What is asked of the counting CUDA. A process (job-process.ts) does the jobs one after the other.
import type { Precision } from '../../src-worker/contract/run-spec'
import type { PromptType } from '../../src-worker/contract/snapshot'
import type { Summary } from './counts'

export interface TrainJob {
  readonly kind: 'train'
  readonly name: string
  /** model folder */
  readonly model: string
  readonly precision: Precision
  readonly type: PromptType
  /** micro-batches a step, and lanes of each */
  readonly accumulation: number
  readonly lanes: number
  /** of a lane, prompt included */
  readonly slots: number
  readonly prompt: number
  /** micro-batches that are computed as one */
  readonly merged: number
  /** the prompt stands at another place in each lane of each step, and lanes end between their half and their end */
  readonly anywhere: boolean
  /** steps of the run whose calls are counted */
  readonly steps: number
  readonly recompute: boolean
  /** a held-out test beside it, as a run has */
  readonly evaluate: boolean
  /** names of what is launched and multiplied, with how often and on how many threads */
  readonly details: boolean
}

export interface SampleJob {
  readonly kind: 'sample'
  readonly name: string
  readonly model: string
  readonly lanes: number
  readonly slots: number
  readonly prompt: number
  readonly tokens: number
}

export type CountJob = TrainJob | SampleJob

export interface Detail {
  readonly key: string
  readonly times: number
  readonly amount: number
}

export interface Found {
  readonly name: string
  /** a fault's words, and no counts */
  readonly failed?: string
  /** calls of libraries that none of our programs should make */
  readonly unexpected: readonly string[]
  /** what each further step of a run call costs; of a sample job: each further token */
  readonly step: Summary
  /** what a run call of two steps costs */
  readonly call: Summary
  readonly runCalls: number
  readonly details: readonly Detail[]
  readonly peakBytes: number
  readonly plannedBytes: number
  /** of the blocks that were taken from the device */
  readonly blocks: readonly string[]
}
