// What training carries from step to step: plain arrays, so that a checkpoint is this and nothing else.
import { manyParameters } from '../contract/at-once'
import type { Parameter, Parameters } from '../contract/snapshot'

export interface TrainState {
  /** optimizer steps done */
  readonly step: number
  readonly parameters: Parameters
  /** first and second moments of AdamW, under the parameters' names */
  readonly m: Parameters
  readonly v: Parameters
}

const zeros = (parameters: Parameters): Parameters =>
  new Map(
    [...parameters].map(([name, { shape, data }]): [string, Parameter] => [
      name,
      { shape, data: new Float32Array(data.length) },
    ]),
  )

/** Before the first step. */
export const initialState = (parameters: Parameters): TrainState => ({
  step: 0,
  parameters,
  m: zeros(parameters),
  v: zeros(parameters),
})

/** Numbers trained. */
export const parameterCount = (parameters: Parameters): number =>
  [...parameters.values()].reduce((n, p) => n + p.data.length, 0)

export const isLarge = (parameters: Parameters): boolean =>
  parameterCount(parameters) > manyParameters
