// Calls about experiments, sweeps and runs; api.ts joins them with all others.
import { z } from 'zod'
import { behaviourCardSchema } from './behaviour'
import { bitsAnswerSchema } from './bits'
import { call, done, id, ids, none } from './call'
import { jobRecordSchema, jobSchema, submitAnswerSchema, submitRequestSchema } from './cluster'
import { demoAnswerSchema, demoSchema } from './demo'
import { examplesPreviewSchema, presetInputSchema, presetSchema } from './library'
import { seriesSchema, xAxisSchema } from './metrics'
import { planSchema } from './plan'
import { resultRowSchema, runDetailSchema, runSummarySchema } from './run'
import { runSpecInputSchema, runSpecSchema, sweepSpecInputSchema } from './run-spec'

export const experimentCalls = {
  behaviours: call(none, z.array(behaviourCardSchema)),
  /** questions that are answered on the bundled models in about a minute each */
  demos: call(none, z.array(demoSchema)),
  /** the answer of a demo; runs: of its cells, by their ids; those that are missing are not there yet */
  demoAnswer: call(
    z.object({ demo: demoSchema, runs: z.record(z.string(), z.string()) }),
    demoAnswerSchema,
  ),
  /** fill in the experiment's defaults (the paper's, for this model and length); a Fault names what is wrong */
  resolveSpec: call(runSpecInputSchema, runSpecSchema),
  previewExamples: call(
    z.object({ spec: runSpecInputSchema, count: z.int().min(1).max(50) }),
    examplesPreviewSchema,
  ),
  planSweep: call(
    z.object({ request: z.string(), sweep: sweepSpecInputSchema, measure: z.boolean() }),
    planSchema,
  ),
  commandLine: call(sweepSpecInputSchema, z.string()),
  /** runs of all cells, in their order; those that exist already are not run again */
  startSweep: call(
    z.object({
      sweep: sweepSpecInputSchema,
      frozen: z.string(),
      /** more micro-batches where memory asks for it: same batch, same mathematics */
      fit: z.boolean().default(false),
      /** new runs even of cells that exist */
      again: z.boolean().default(false),
      /** start so many at most; cells beyond that stay as they are, so that other processes can take them */
      atMost: z.int().min(1).nullable().default(null),
      /** of the cells, in their order, every `of`-th from `index` (counted from 1) */
      shard: z
        .object({ index: z.int().min(1), of: z.int().min(1).max(10_000) })
        .refine(({ index, of }) => index <= of, 'the shard is beyond the last')
        .nullable()
        .default(null),
      /** refuse more runs than one */
      single: z.boolean().default(false),
    }),
    z.object({
      sweep: z.string(),
      runs: z.array(z.string()),
      /** those of them that were put in the queue by this call */
      started: z.array(z.string()),
      /** what was changed for them to fit */
      notes: z.array(z.string()),
    }),
  ),
  /** writes a batch script and hands it to the cluster's scheduler; its tasks share the sweep's cells */
  submitSweep: call(submitRequestSchema, jobRecordSchema),
  /** the same for an answer: one task decides and trains, and goes on when it is queued again */
  submitAnswer: call(submitAnswerSchema, jobRecordSchema),
  /** what was submitted from this home, as the scheduler sees it now */
  jobs: call(none, z.array(jobSchema)),
  /** what trains is checkpointed first */
  cancelJob: call(id, done),
  presets: call(none, z.array(presetSchema)),
  savePreset: call(presetInputSchema, z.array(presetSchema)),
  deletePreset: call(z.object({ name: z.string() }), z.array(presetSchema)),
} as const

export const runCalls = {
  runs: call(none, z.array(runSummarySchema)),
  /** the id of the run that is meant: an id, a unique beginning or end of it, or the path of its folder */
  findRun: call(z.object({ name: z.string() }), id),
  run: call(id, runDetailSchema),
  pauseRun: call(id, done),
  /** after the run call in flight: checkpoint, then stopped */
  stopRun: call(id, done),
  /**
   * resume paused, stopped, failed or interrupted runs; `steps`: extend to so many in all, 0: as the spec says;
   * `results`: how it is tested at its end, where that is to change
   */
  resumeRun: call(
    z.object({
      id: z.string(),
      steps: z.int().min(0),
      results: z
        .object({
          finalTestBatches: z.int().min(0),
          prompts: z.int().min(0),
          metricSamples: z.int().min(0),
        })
        .nullable()
        .default(null),
    }),
    done,
  ),
  /** a new run that starts from a snapshot or checkpoint; changes are laid over its spec */
  forkRun: call(
    z.object({
      snapshot: z.string(),
      changes: runSpecInputSchema,
      /** name of the sweep that it belongs to */
      sweep: z.string().default(''),
    }),
    z.object({ run: z.string() }),
  ),
  /**
   * the full test of each checkpoint that has none yet; progress and cancel by the request's name. Answers how many were tested
   */
  evaluateCheckpoints: call(
    z.object({ request: z.string(), id: z.string() }),
    z.object({ tested: z.int() }),
  ),
  /**
   * what the training of a run gained in bits, beside a control's (empty: none); measures what is not measured yet.
   * Progress and cancel by the request's name
   */
  bits: call(
    z.object({ request: z.string(), id: z.string(), control: z.string() }),
    bitsAnswerSchema,
  ),
  /**
   * the same training on data whose answers say nothing of what is asked; `words`: what those are. Progress and cancel of
   * making the data by the request's name
   */
  startControl: call(
    z.object({ request: z.string(), id: z.string() }),
    z.object({ run: z.string(), words: z.string() }),
  ),
  editRun: call(
    z.object({ id: z.string(), name: z.string(), note: z.string(), colour: z.int().min(0).max(7) }),
    runSummarySchema,
  ),
  /** a sweep's name, kept by each of its runs; its id and address stay. Empty: by what it trains */
  renameSweep: call(z.object({ sweep: z.string(), name: z.string().max(200) }), done),
  trashRuns: call(ids, done),
  restoreRuns: call(ids, done),
  series: call(
    z.object({
      runs: z.array(z.string()),
      tags: z.array(z.string()),
      x: xAxisSchema,
      /** points wanted at most per series; about two a pixel */
      points: z.int().min(10).max(100000),
      /** weight of the past in the moving average, 0 (raw) … 0.999 */
      smoothing: z.number().min(0).max(0.9999),
      from: z.number().nullable(),
      to: z.number().nullable(),
    }),
    z.array(seriesSchema),
  ),
  results: call(id, z.array(resultRowSchema)),
  runLog: call(id, z.array(z.string())),
  exportMetrics: call(
    z.object({
      runs: z.array(z.string()),
      tags: z.array(z.string()),
      format: z.enum(['csv', 'json']),
    }),
    z.string(),
  ),
  runCommand: call(id, z.string()),
} as const
