// The author's own 186 runs (Ross Nordby, MIT; resources/published-attribution.txt): final losses from published-runs.csv,
// the batches of the final test and the training loss from published-curves.json, which extractCurves makes of his logs.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { AnalysedRun } from '../contract/analysed-run'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import { type NamedRun, namedRun, nameOfWords } from './original-names'
import { readTensorboard } from './tensorboard-import'
import { tensorboardRun } from './tensorboard-runs'

const rowSchema = z.object({
  experiment: z.string(),
  variant: z.string(),
  model: z.string(),
  dataset: z.string(),
  soft_prompt_tokens: z.coerce.number().int(),
  optimizer_steps: z.coerce.number().int(),
  final_test_loss: z.coerce.number(),
  training_wall_seconds: z.string(),
  trained_tokens: z.string(),
})

const publishedCurveSchema = z.object({
  /** loss of each batch of the final test */
  test: z.array(z.number()),
  /** means of the training loss over `blocks` equal parts of the steps */
  train: z.array(z.number()),
})
const curvesSchema = z.object({
  attribution: z.string(),
  runs: z.record(z.string(), publishedCurveSchema),
})
export type PublishedCurves = z.infer<typeof curvesSchema>

const blocks = 64
const keyOf = (run: Omit<NamedRun, 'experiment'>): string =>
  [run.behaviour, run.model, run.dataset, run.tokens].join(' | ')
const short = (value: number): number => Number(value.toPrecision(5))

/** What published-curves.json holds, made from the original's archive of event files. */
export async function extractCurves(archive: string): Promise<PublishedCurves> {
  const runs: PublishedCurves['runs'] = {}
  for (const log of await readTensorboard(archive)) {
    const named = namedRun(log.name)
    if (named === undefined)
      throw new Fault('bad-file', `${log.name} is not a name of the original's`, 'Use its archive.')
    const { heldOut, trainLoss } = tensorboardRun(log)
    // the baselines log losses too, of a prompt of length 0 that nothing trains
    const losses = named.tokens === 0 ? [] : trainLoss.values.flatMap(v => v ?? [])
    const size = losses.length / blocks
    const part = (b: number): number[] =>
      losses.slice(Math.floor(b * size), Math.floor((b + 1) * size))
    runs[keyOf(named)] = {
      test: (heldOut[tags.finalTestLoss]?.sums ?? []).map(short),
      train: Array.from({ length: losses.length === 0 ? 0 : blocks }, (_, b) => {
        const values = part(b)
        return short(values.reduce((a, v) => a + v, 0) / values.length)
      }),
    }
  }
  return { attribution: 'Ross Nordby, MIT licence: see published-attribution.txt', runs }
}

function publishedRun(row: z.infer<typeof rowSchema>, curves: PublishedCurves): AnalysedRun {
  const { variant, model, dataset, soft_prompt_tokens: tokens, optimizer_steps: steps } = row
  const experiment = row.experiment.replaceAll('_', '-')
  const behaviour = nameOfWords(experiment, variant, dataset)
  const curve = curves.runs[keyOf({ behaviour, model, dataset, tokens })]
  const set = steps > 0 ? [behaviour, dataset, model, steps].join(' | ') : ''
  const name = [experiment, variant, model, dataset, tokens].filter(part => part !== '').join(', ')
  const test = curve?.test ?? []
  const train = curve?.train ?? []
  return {
    id: `published: ${name}`,
    name,
    source: 'published',
    experiment,
    behaviour,
    model,
    dataset,
    tokens,
    seed: null,
    ...(tokens === 0 ? { baseline: 'none' as const } : {}),
    steps,
    state: 'done',
    metrics: { [tags.finalTestLoss]: row.final_test_loss },
    heldOut:
      test.length === 0
        ? {}
        : {
            [tags.finalTestLoss]: {
              unit: 'test batch',
              set,
              sums: test,
              counts: test.map(() => 1),
            },
          },
    trainLoss: { steps: train.map((_, b) => ((b + 0.5) * steps) / blocks), values: train },
    restarts: [],
    parameters: null,
    settings: {},
    startedAt: '',
    spec: null,
    provenance: {
      author: 'Ross Nordby',
      trainingWallSeconds: row.training_wall_seconds,
      trainedTokens: row.trained_tokens,
    },
  }
}

/** @param resources the app's resources folder. Faults: not-found, bad-file */
export async function publishedRuns(resources: string): Promise<AnalysedRun[]> {
  const path = join(resources, 'published-runs.csv')
  const rows: unknown[] = parse(await readFile(path), { columns: true })
  const parsed = z.array(rowSchema).safeParse(rows)
  const text = await readFile(join(resources, 'published-curves.json'), 'utf8')
  if (parsed.success) {
    const curves = curvesSchema.parse(JSON.parse(text))
    return parsed.data.map(row => publishedRun(row, curves))
  }
  throw new Fault(
    'bad-file',
    `${path}: ${parsed.error.issues[0]?.message}`,
    'Install the app again.',
  )
}
