// The first training examples as a person can check them: chunks of text, each with its part in the training.

import type { MicroBatch } from '../contract/batch'
import type { ExamplePreview, ExamplesPreview } from '../contract/library'
import { type RunSpec, tokensOf } from '../contract/run-spec'
import { countSkip, type SkipCounts } from '../dataset/skip-counts'
import type { Tokenizer } from '../dataset/tokenizer'
import { totalOf } from '../shared/reasons'
import type { DataPipeline } from './data-pipeline'
import { isSkipped, type Lane } from './example'
import { fixedStart, randomStart } from './lanes'
import { withLocalData } from './local-data'
import { rng } from './rng'
import type { DataSource, ExperimentContext } from './source'
import { sideOf, splitOf } from './split'
import { isMost } from './survey-words'

type Role = ExamplePreview['chunks'][number]['role']
interface Run {
  readonly role: Role
  readonly ids: number[]
}

/** One lane's slots as runs of one role. A slot is a label when the slot before it is a labelled row. */
function runsOf(batch: MicroBatch): Run[] {
  const labelAt = new Map<number, number>()
  batch.rows.forEach((row, r) => {
    if ((batch.weights[r] ?? 0) > 0) labelAt.set(row + 1, batch.labels[r] ?? 0)
  })
  const runs: Run[] = []
  const add = (role: Role, id: number): void => {
    const last = runs.at(-1)
    if (last?.role === role) last.ids.push(id)
    else runs.push({ role, ids: [id] })
  }
  // labels may lie behind the last input
  const slots = Math.max(batch.slotsPerLane, ...[...labelAt.keys()].map(at => at + 1))
  for (let t = 0; t < slots; t++) {
    const label = labelAt.get(t)
    const id = batch.slots[t] ?? 0
    if (id < 0) add('soft-prompt', id)
    else if (label !== undefined) add('label', label)
    else add('context', id)
  }
  return runs
}

async function chunksOf(
  batch: MicroBatch,
  tokenizer: Tokenizer,
): Promise<ExamplePreview['chunks']> {
  const chunks: ExamplePreview['chunks'] = []
  for (const { role, ids } of runsOf(batch)) {
    const text =
      role === 'soft-prompt' ? `${ids.length} soft prompt tokens` : await tokenizer.decode(ids)
    chunks.push({ role, text })
  }
  return chunks
}

interface FirstLane {
  readonly lane: Lane
  readonly warning: string
  readonly changes: readonly string[]
}

/** The first records of the training side: a lane, or why it gives none. */
async function* firstLanes(
  pipeline: DataPipeline,
  spec: RunSpec,
  skipped: SkipCounts,
): AsyncGenerator<FirstLane | undefined> {
  const random = rng(spec.seed, 'start')
  const rule = spec.start.kind === 'random' ? randomStart(random) : fixedStart(spec.start.index)
  const split = await splitOf(spec, pipeline)
  let document = 0
  for await (const record of pipeline.records(spec.data.path, skipped)) {
    const { key, raw, notes = [] } = record
    if (sideOf(split, key) !== 'train') continue
    const [example] = await pipeline.prepare([raw])
    if (example === undefined || isSkipped(example)) {
      countSkip(skipped, example?.skipped ?? 'no example')
      yield undefined
      continue
    }
    const { length } = spec.training
    const ids = example.ids.subarray(0, length)
    const start = example.start ?? rule(ids.length)
    const labelled = example.labelled?.subarray(0, length)
    const lane = { ids, conditions: example.conditions, start, document: document++ }
    const { warning = '', changes = [] } = example
    yield {
      ...{ lane: labelled ? { ...lane, labelled } : lane, warning },
      changes: [...notes, ...changes],
    }
  }
}

/** Records that are looked at for what is left out of them, where preparing costs little. */
const looked = 64

/**
 * The first training examples, in file order, and what of the first records gives none.
 * Faults: those of opening and reading the data.
 */
export async function previewExamples(
  source: DataSource,
  context: ExperimentContext,
  count: number,
): Promise<ExamplesPreview> {
  const spec = await withLocalData(source.demoData, context)
  const pipeline = await source.openPipeline({ ...context, spec })
  const conditionNames = source.conditionNames(spec.experiment)
  const packing = { promptTokens: tokensOf(spec.prompt), prefixToken: undefined }
  const shown = async ({ lane, warning, changes }: FirstLane): Promise<ExamplePreview> => {
    const { batch } = pipeline.pack([lane], packing)
    const conditions = conditionNames.map((name, c) => ({ name, value: lane.conditions[c] ?? 0 }))
    const chunks = await chunksOf(batch, context.tokenizer)
    return { conditions, chunks, warning, changes: [...changes] }
  }
  const previews: ExamplePreview[] = []
  const leftOut: SkipCounts = {}
  let used = 0
  for await (const found of firstLanes(pipeline, spec, leftOut)) {
    used += found === undefined ? 0 : 1
    const isEnough = used >= count && (pipeline.heavy || used + totalOf(leftOut) >= looked)
    if (found !== undefined && previews.length < count) previews.push(await shown(found))
    if (isEnough) break
  }
  const warned = previews.filter(({ warning }) => warning !== '').length
  const examples = isMost(warned, previews.length)
    ? previews
    : previews.map(preview => ({ ...preview, warning: '' }))
  return { examples, read: used + totalOf(leftOut), leftOut }
}
