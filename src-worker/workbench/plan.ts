// Before a sweep starts: its cells, the memory of the hungriest, the time of all, what differs from the paper.
import { behaviourOf } from '../behaviours/registry'
import type { WorkbenchApi } from '../contract/api'
import { asFault, type FaultData } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { Plan } from '../contract/plan'
import type { RunSummary } from '../contract/run'
import { type RunSpec, type SweepSpec, tokensOf } from '../contract/run-spec'
import { checkedSweep } from '../contract/spec-check'
import { neededOperations } from '../program/operations'
import { oncePerKey } from '../shared/once'
import { leavesOf } from '../shared/plain-object'
import { resolveSpec } from '../spec/resolve'
import { cellsOf } from '../spec/sweep'
import type { Places } from '../train/home'
import { fittingAccumulation, memoryOf, type Room, roomOn } from '../train/memory'
import type { MemoryPlan } from '../train/memory-plan'
import { locateModel } from '../train/model-places'
import { openModelFolder } from '../weights/model-folder'
import { existingCells } from './cells'
import type { Context } from './context'
import { measureStep } from './measure'
import type { ModelProcesses } from './model-processes'
import { type HeldOutSize, type KnownSurveys, noSurveys, planData } from './plan-data'
import type { RunIndex } from './run-index'
import type { Apart } from './run-place'
import { withSameFiles } from './same-files'

export interface PlanOptions extends Places {
  /** seconds of a real step of the hungriest cell; null: it is estimated */
  readonly measure: ((spec: RunSpec) => Promise<number>) | null
  /** all runs there are */
  readonly runs: readonly RunSummary[]
  readonly surveys?: KnownSurveys
}

interface Cell {
  readonly spec: RunSpec
  readonly model: ModelFolder | undefined
  readonly memory: MemoryPlan | undefined
  readonly fault: FaultData | null
}

/** What cells share, opened once for all of them. */
interface Shared {
  readonly roomOf: typeof roomOn
  readonly modelOf: (name: string) => Promise<ModelFolder>
}

async function openCell(spec: RunSpec, { roomOf, modelOf }: Shared): Promise<Cell> {
  try {
    const { device } = await roomOf(spec.device)
    const model = await modelOf(spec.model)
    return { spec, model, memory: memoryOf(spec, model, device), fault: null }
  } catch (error) {
    return { spec, model: undefined, memory: undefined, fault: asFault(error).toData() }
  }
}

/** Needed floating point operations of one optimizer step; every text token counts as a label. */
function operationsOf(spec: RunSpec, { config }: ModelFolder): number {
  const { lanes, length } = spec.training
  const prompt = tokensOf(spec.prompt)
  const size = { lanes, slots: length + prompt, prompt, labelled: lanes * length }
  return neededOperations(config, size)
}

/** A cautious rate for two cores, when nothing was measured: floating point operations a second. */
const assumedRate = 100e9

/** A checkpoint is the parameters and both moments. */
const bytesOfPrompt = (memory: MemoryPlan | undefined): number => memory?.optimizerBytes ?? 0

function diskOf(cells: readonly Cell[]): number {
  return cells.reduce((n, { spec, memory }) => {
    const { steps, checkpointEvery } = spec.training
    const checkpoints = 1 + (checkpointEvery === 0 ? 0 : Math.floor(steps / checkpointEvery))
    return n + checkpoints * bytesOfPrompt(memory) + 300 * steps + 200_000
  }, 0)
}

const unimportant =
  /^(name|model|data\.(path|testPath|field|headBytes|heldOutUnits|validation)|seed|device|prompt\.tokens|results\.|version|original)/

/** Settings that are not the paper's, in words. */
export function differencesOf(spec: RunSpec): string[] {
  const { experiment, model, data } = spec
  const prompt = { tokens: tokensOf(spec.prompt) || undefined }
  const paper = resolveSpec({
    ...{ experiment, model, prompt },
    data: { path: data.path },
    original: true,
  })
  const asPaper = new Map(leavesOf(paper))
  return leavesOf(spec).flatMap(([path, value]) => {
    if (unimportant.test(path) || !asPaper.has(path)) return []
    const [ours, theirs] = [JSON.stringify(value), JSON.stringify(asPaper.get(path))]
    return ours === theirs ? [] : [`${path} is ${ours}, not ${theirs}`]
  })
}

type Parts = NonNullable<Plan['parts']>

/** What a run is spent on, in units of one training step. A forward pass is about half of a step. */
function workOf(spec: RunSpec, size: HeldOutSize | undefined): Parts {
  const { training, results, experiment } = spec
  const { steps, testEvery, testBatches, finalTestBatches, lanes, length, accumulation } = training
  const tests = testEvery === 0 || steps === 0 ? 0 : 1 + Math.ceil(steps / testEvery)
  /** a test ends with its data: in micro-batches, the last of which may be smaller */
  const passes = (asked: number, there = Number.POSITIVE_INFINITY): number =>
    Math.min(asked * accumulation, Math.ceil((there * accumulation) / lanes)) / accumulation / 2
  const units = (asked: number): number => Math.min(asked, size?.units ?? asked)
  const { measure, measureTokens } = behaviourOf(experiment.kind)
  const read = measure === undefined ? 0 : (measureTokens?.(spec) ?? length)
  // each prompt with the soft prompt and without
  const written = 2 * units(results.prompts) * results.maxTokens
  return {
    training: steps,
    tests: tests * passes(testBatches, size?.validation),
    finalTest: passes(finalTestBatches, size?.test),
    measures: (units(results.metricSamples) * read) / (lanes * length) / 2,
    samples: written / (lanes * length) / 2,
  }
}

function secondsByPart(cells: readonly { readonly work: Parts; readonly step: number }[]): Parts {
  const of = (part: keyof Parts): number =>
    cells.reduce((sum, { work, step }) => sum + work[part] * step, 0)
  return {
    training: of('training'),
    tests: of('tests'),
    finalTest: of('finalTest'),
    measures: of('measures'),
    samples: of('samples'),
  }
}

const hungriest = (cells: readonly Cell[]): Cell | undefined =>
  cells.reduce<Cell | undefined>(
    (most, c) => ((c.memory?.totalBytes ?? -1) > (most?.memory?.totalBytes ?? -1) ? c : most),
    undefined,
  )

function memoryPart(cell: Cell | undefined, { freeBytes, device }: Room): Plan['memory'] {
  const { memory, model, spec } = cell ?? {}
  const fits = model !== undefined && spec !== undefined
  return {
    weightsBytes: Math.round(memory?.weightsBytes ?? 0),
    activationBytes: Math.round(memory?.activationBytes ?? 0),
    logitsBytes: Math.round(memory?.logitsBytes ?? 0),
    optimizerBytes: Math.round(memory?.optimizerBytes ?? 0),
    totalBytes: Math.round(memory?.totalBytes ?? 0),
    freeBytes,
    fittingAccumulation: fits ? fittingAccumulation(spec, model, freeBytes, device) : null,
    host: memory?.host ?? 'thread',
  }
}

/** Floating point operations a second on this machine, or undefined when it is not to be measured. */
async function measuredRate(
  cell: Cell | undefined,
  { freeBytes }: Room,
  { measure }: PlanOptions,
): Promise<number | undefined> {
  const fits = (cell?.memory?.totalBytes ?? 0) <= freeBytes
  if (measure === null || cell?.model === undefined || !fits) return undefined
  return operationsOf(cell.spec, cell.model) / (await measure(cell.spec))
}

/** Faults: those of cellsOf; the fault of a single cell is in the cell. */
export async function planSweep(sweep: SweepSpec, options: PlanOptions): Promise<Plan> {
  const specs = cellsOf(sweep)
  const same = await withSameFiles(options.runs, specs, options)
  const existing = existingCells(same.runs, specs)
  // a program is asked for the state of a GPU: once, not for each cell
  const roomOf = oncePerKey(roomOn)
  const modelOf = oncePerKey(async name => openModelFolder(await locateModel(name, options)))
  const cells = await Promise.all(specs.map(spec => openCell(spec, { roomOf, modelOf })))
  const largest = hungriest(cells)
  const room = await roomOf(largest?.spec.device ?? 'cpu')
  const rate = await measuredRate(largest, room, options)
  const secondsOf = ({ spec, model }: Cell): number =>
    model === undefined ? 0 : operationsOf(spec, model) / (rate ?? assumedRate)
  const waiting = cells.filter((_, i) => existing[i] === undefined)
  const { data, heldOutOf } = await planData(specs, options, options.surveys ?? noSurveys())
  const work = (cell: Cell) => ({
    work: workOf(cell.spec, heldOutOf(cell.spec)),
    step: secondsOf(cell),
  })
  const parts = secondsByPart(waiting.map(work))
  // baselines differ from the paper's training by what they are
  const typical = specs.find(spec => spec.training.steps > 0) ?? specs[0]
  return {
    cells: cells.map(({ spec, fault }, i) => ({
      key: String(i),
      model: spec.model,
      dataset: spec.data.path,
      tokens: tokensOf(spec.prompt),
      seed: spec.seed,
      promptType: spec.prompt.type,
      existing: existing[i]?.id ?? null,
      fault,
    })),
    memory: memoryPart(largest, room),
    secondsPerStep: largest === undefined ? 0 : secondsOf(largest),
    measured: rate !== undefined,
    seconds: Object.values(parts).reduce((a, b) => a + b, 0),
    parts,
    diskBytes: Math.round(diskOf(waiting)),
    device: specs[0]?.device ?? 'auto',
    differences: typical === undefined ? [] : differencesOf(typical),
    notes: [...new Set(cells.flatMap(({ model }) => model?.notes ?? [])), ...same.notes],
    data: [...data],
  }
}

export type PlanCalls = Pick<WorkbenchApi, 'planSweep'>

export function planCalls(
  context: Context,
  index: RunIndex,
  apart: Apart,
  elsewhere: ModelProcesses,
): PlanCalls {
  const { home, resources, emit } = context
  const surveys = noSurveys()
  const measured = async (request: string, spec: RunSpec, signal: AbortSignal): Promise<number> => {
    const onProgress = (doing: string): void => emit('progress', { request, doing, fraction: null })
    if (await apart.run(spec)) return elsewhere.measure(request, spec, signal)
    return measureStep(spec, { home, resources, onProgress, signal })
  }
  return {
    planSweep: ({ request, sweep, measure: wanted }) =>
      context.cancellable(request, async signal => {
        const measure = wanted ? (spec: RunSpec) => measured(request, spec, signal) : null
        const runs = await index.list()
        return planSweep(checkedSweep(sweep), { home, resources, measure, runs, surveys })
      }),
  }
}
