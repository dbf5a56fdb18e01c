// The memory of a run against what is free, before anything is opened.
import { readFile } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { elements } from '../contract/dims'
import { Fault } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { RunSpec } from '../contract/run-spec'
import { parameterShapes } from '../prompt/state-dict'
import { fittingPlan, type MemoryAsk, type MemoryPlan, planMemory } from '../session/memory-plan'
import { writeAtomically } from '../weights/atomic'
import { conditionsOf, shapeOf } from './prepare'

const askOf = (spec: RunSpec, model: ModelFolder): MemoryAsk => {
  const { lanes, accumulation, length } = spec.training
  const shape = shapeOf(spec.prompt, model.config.hiddenSize, conditionsOf(spec))
  return {
    model,
    parameters: [...parameterShapes(shape).values()].reduce((n, dims) => n + elements(dims), 0),
    lanes: lanes / accumulation,
    slots: length + shape.tokens,
    training: spec.training.steps > 0,
    wholeRun: true,
  }
}

/** Memory of one run, from shapes alone. */
export const memoryOf = (spec: RunSpec, model: ModelFolder): MemoryPlan =>
  planMemory(askOf(spec, model))

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

/** What a run trades for memory. It decides the last bits of its numbers, so it stays the same for its whole life. */
const tradeSchema = z.object({ prepack: z.boolean(), recompute: z.boolean() })
export type MemoryTrade = z.infer<typeof tradeSchema>

/** The fastest way that fits. Fault `memory` when none does, with the accumulation that would. */
export function fittingTrade(spec: RunSpec, model: ModelFolder, free = freemem()): MemoryTrade {
  const plan = fittingPlan(askOf(spec, model), free)
  if (plan !== undefined) return { prepack: plan.prepack, recompute: plan.recompute }
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  const fitting = fittingAccumulation(spec, model, free)
  throw new Fault(
    'memory',
    `the run needs about ${gigabytes(memoryOf(spec, model).totalBytes)}, ${gigabytes(free)} are free`,
    fitting === null
      ? 'Free some memory, or take a smaller model or shorter samples.'
      : `Set training.accumulation to ${fitting} (--fit does it), or free some memory.`,
  )
}

/** The trade of a run: as it was at its first start, else made now and kept in memory.json. */
export async function memoryTrade(
  folder: string,
  spec: RunSpec,
  model: ModelFolder,
): Promise<MemoryTrade> {
  const path = join(folder, 'memory.json')
  const kept = await readFile(path, 'utf8').catch(() => undefined)
  if (kept !== undefined) return tradeSchema.parse(JSON.parse(kept))
  const trade = fittingTrade(spec, model)
  await writeAtomically(path, `${JSON.stringify(trade)}\n`)
  return trade
}
