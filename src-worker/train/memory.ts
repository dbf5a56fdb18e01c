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
import { projectionBytes } from '../prompt/subspace'
import { contextBytes, nvidiaGpus } from '../session/nvidia'
import { fitting } from '../shared/json'
import { writeAtomically } from '../weights/atomic'
import { fittingPlan, type MemoryAsk, type MemoryPlan, planMemory } from './memory-plan'
import { conditionsOf, shapeOf } from './prepare'

export type DeviceKind = 'cpu' | 'cuda'

/** Where a run is to fit. */
export interface Room {
  readonly device: DeviceKind
  readonly freeBytes: number
}

/** The free memory of the host, or of a GPU beside what the driver takes for a process. @param device cpu, cuda:N, auto */
export async function roomOn(device: string): Promise<Room> {
  const gpus = device === 'cpu' ? [] : await nvidiaGpus()
  const index = Number(/\d+$/.exec(device)?.[0] ?? 0)
  const gpu = gpus.find(each => each.index === index)
  if (gpu === undefined) return { device: 'cpu', freeBytes: freemem() }
  return { device: 'cuda', freeBytes: gpu.freeBytes - contextBytes }
}

const askOf = (spec: RunSpec, model: ModelFolder, device: DeviceKind): MemoryAsk => {
  const { lanes, accumulation, length, steps, testEvery } = spec.training
  const shape = shapeOf(spec.prompt, model.config.hiddenSize, conditionsOf(spec))
  return {
    model,
    device,
    precision: spec.precision,
    weights: spec.weights,
    parameters: [...parameterShapes(shape).values()].reduce((n, dims) => n + elements(dims), 0),
    constantBytes: shape.type === 'subspace' ? projectionBytes(shape) : 0,
    lanes: lanes / accumulation,
    slots: length + shape.tokens,
    promptTokens: shape.tokens,
    shape,
    training: steps > 0,
    tests: testEvery > 0,
    wholeRun: true,
  }
}

/** Memory of one run, from shapes alone. */
export const memoryOf = (
  spec: RunSpec,
  model: ModelFolder,
  device: DeviceKind = 'cpu',
): MemoryPlan => planMemory(askOf(spec, model, device))

/** The largest accumulation that divides the lanes and fits; null: even one lane at a time does not. */
export function fittingAccumulation(
  spec: RunSpec,
  model: ModelFolder,
  free: number,
  device: DeviceKind = 'cpu',
): number | null {
  const { lanes, accumulation } = spec.training
  for (let a = accumulation; a <= lanes; a++) {
    if (lanes % a !== 0) continue
    const split = { ...spec, training: { ...spec.training, accumulation: a } }
    if (memoryOf(split, model, device).totalBytes <= free) return a
  }
  return null
}

/** What a run trades for memory. It decides the last bits of its numbers, so it stays the same for its whole life. */
const tradeSchema = z.object({
  prepack: z.boolean(),
  recompute: z.boolean(),
  testsApart: z.boolean().default(false),
  /** micro-batches that are computed as one, on a GPU */
  merged: z.int().positive().default(1),
})
export type MemoryTrade = z.infer<typeof tradeSchema>

/** The most micro-batches that fit as one without any other trade; 1: none but one. */
function mergedOf(ask: MemoryAsk, accumulation: number, free: number): number {
  if (ask.device !== 'cuda') return 1
  for (let m = accumulation; m > 1; m--) {
    const lanes = ask.lanes * m
    if (accumulation % m === 0 && planMemory({ ...ask, lanes }).totalBytes <= free) return m
  }
  return 1
}

/** The fastest way that fits. Fault `memory` when none does, with the accumulation that would. */
export function fittingTrade(
  spec: RunSpec,
  model: ModelFolder,
  free = freemem(),
  device: DeviceKind = 'cpu',
): MemoryTrade {
  const ask = askOf(spec, model, device)
  const merged = mergedOf(ask, spec.training.accumulation, free)
  const plan = fittingPlan(ask, free)
  if (plan !== undefined) {
    const { prepack, recompute, testsApart } = plan
    return { prepack, recompute, testsApart, merged }
  }
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  const fitting = fittingAccumulation(spec, model, free, device)
  const where = device === 'cpu' ? '' : ' on the GPU'
  throw new Fault(
    'memory',
    `the run needs about ${gigabytes(memoryOf(spec, model, device).totalBytes)}${where}, ${gigabytes(free)} are free`,
    fitting === null
      ? 'Free some memory, or take a smaller model or shorter samples.'
      : `Set training.accumulation to ${fitting} (--fit does it), or free some memory.`,
  )
}

/** Fault 'bad-file': another trade would change the numbers of a run that has begun. */
function keptTrade(path: string, text: string): MemoryTrade {
  const trade = fitting(tradeSchema, text)
  if (trade !== undefined) return trade
  const fix = 'Delete it to choose anew; the run’s numbers may then differ in their last bits.'
  throw new Fault('bad-file', `${path} is damaged (${text.length} characters)`, fix)
}

/** The trade of a run: as it was at its first start, else made now and kept in memory.json. */
export async function memoryTrade(
  folder: string,
  spec: RunSpec,
  model: ModelFolder,
  { device, freeBytes }: Room = { device: 'cpu', freeBytes: freemem() },
): Promise<MemoryTrade> {
  const path = join(folder, 'memory.json')
  const kept = await readFile(path, 'utf8').catch(() => undefined)
  if (kept !== undefined) return keptTrade(path, kept)
  const trade = fittingTrade(spec, model, freeBytes, device)
  await writeAtomically(path, `${JSON.stringify(trade)}\n`)
  return trade
}
