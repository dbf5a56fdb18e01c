// The memory of a run against what is free, before anything is opened.
import { freemem } from 'node:os'
import { Fault } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { RunSpec } from '../contract/run'
import { parameterShapes } from '../prompt/state-dict'
import { type MemoryPlan, planMemory } from '../session/memory-plan'
import { conditionsOf, shapeOf } from './prepare'

export const elements = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1)

/** Memory of one run, from shapes alone. */
export function memoryOf(spec: RunSpec, model: ModelFolder): MemoryPlan {
  const { lanes, accumulation, length } = spec.training
  const shape = shapeOf(spec.prompt, model.config.hiddenSize, conditionsOf(spec))
  return planMemory({
    model,
    parameters: [...parameterShapes(shape).values()].reduce((n, dims) => n + elements(dims), 0),
    lanes: lanes / accumulation,
    slots: length + shape.tokens,
    training: spec.training.steps > 0,
  })
}

/** The largest accumulation that divides the lanes and fits; null: even one lane at a time does not. */
export function fittingAccumulation(
  spec: RunSpec,
  model: ModelFolder,
  free: number,
): number | null {
  const { lanes, accumulation } = spec.training
  for (let a = accumulation; a <= lanes; a++) {
    if (lanes % a !== 0) continue
    const split = { ...spec, training: { ...spec.training, accumulation: a } }
    if (memoryOf(split, model).totalBytes <= free) return a
  }
  return null
}

/** Fault `memory` when the run does not fit, with the accumulation that would (same batch, same mathematics). */
export function checkMemory(spec: RunSpec, model: ModelFolder, free = freemem()): void {
  const { totalBytes } = memoryOf(spec, model)
  if (totalBytes <= free) return
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  const fitting = fittingAccumulation(spec, model, free)
  throw new Fault(
    'memory',
    `the run needs about ${gigabytes(totalBytes)}, ${gigabytes(free)} are free`,
    fitting === null
      ? 'Free some memory, or take a smaller model or shorter samples.'
      : `Set training.accumulation to ${fitting} (--fit does it), or free some memory.`,
  )
}
