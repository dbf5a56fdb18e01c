// Opens an experiment for one run: data fetched, split chosen, data threads started, streams handed out.

import { stat } from 'node:fs/promises'
import { type RunSpec, tokensOf } from '../contract/run-spec'
import { fingerprint, fingerprintText } from '../dataset/fingerprint'
import { type CountedStream, type DataEngine, openDataEngine } from './data-engine'
import type { DataPipeline } from './data-pipeline'
import { knownSurvey } from './known-surveys'
import { withLocalData } from './local-data'
import type {
  BatchStream,
  DataReport,
  DataSource,
  EvaluationPrompt,
  ExperimentContext,
  ExperimentRun,
  PreparedFiles,
  StreamOptions,
} from './source'
import { heldOutRaws, nothingHeldOut, type Split, splitOf, unitsOf } from './split'
import { noCounts } from './stream'
import type { DataSurvey } from './survey'
import { checkHeldOut, surveyLines, surveyWarnings } from './survey-words'
import { type TestCache, testCache } from './test-cache'

interface Opened {
  readonly context: ExperimentContext
  readonly pipeline: DataPipeline
  readonly split: Split
  readonly survey: DataSurvey
  readonly engine: DataEngine
  /** of the data as the user named them */
  readonly path: string
  readonly fingerprint: string
  readonly warnings: readonly string[]
}

/** Made data have no file. */
async function fingerprintOf({ data }: RunSpec): Promise<string> {
  const there = await stat(data.path).catch(() => undefined)
  return there ? fingerprintText(await fingerprint(data.path)) : data.path
}

async function openData(source: DataSource, asked: ExperimentContext): Promise<Opened> {
  const files = await withLocalData(source.demoData, asked)
  const asFiles: PreparedFiles = { spec: files, warnings: [] }
  const prepared = (await source.prepareFiles?.({ ...asked, spec: files })) ?? asFiles
  const { spec } = prepared
  const context = { ...asked, spec }
  const pipeline = await source.openPipeline(context)
  asked.onProgress?.('opening the data', undefined)
  const split = await splitOf(spec, pipeline)
  const { tokenizer, model } = context
  const survey = await knownSurvey({ spec, pipeline, split }, tokenizer, model.chatTemplate)
  checkHeldOut(spec, survey)
  const data = { spec, pipeline, split, prepare: pipeline.prepare }
  const engine = await openDataEngine(data, context)
  return {
    ...{ context, pipeline, split, survey, engine },
    ...{ path: files.data.path, warnings: prepared.warnings },
    fingerprint: prepared.fingerprint ?? (await fingerprintOf(spec)),
  }
}

/** How samples are packed unless the caller says otherwise. */
function packingOf({ context }: Opened, options: StreamOptions) {
  const { prompt } = context.spec
  const { bosTokenId, eosTokenId } = context.tokenizer
  const own = prompt.type === 'start-token' ? (bosTokenId ?? eosTokenId) : undefined
  return {
    promptTokens: options.promptTokens ?? tokensOf(prompt),
    prefixToken: options.prefixToken ?? own,
  }
}

function warningsOf({ context, survey }: Opened): string[] {
  const { training } = context.spec
  const warnings: string[] = [...context.model.notes, ...surveyWarnings(survey)]
  const slots = training.length + tokensOf(context.spec.prompt)
  const { maxPositions } = context.model.config
  if (slots > maxPositions)
    warnings.push(
      `Samples may be ${slots} slots long, but the model was made for ${maxPositions} (max_position_embeddings).`,
    )
  return warnings
}

function reportOf(opened: Opened, trains: readonly CountedStream[], waiting: Waiting): DataReport {
  const { split, engine } = opened
  const counts = trains.at(-1)?.counts() ?? noCounts()
  return {
    documents: counts.documents,
    heldOut: counts.otherSide,
    skipped: { ...counts.skipped },
    changed: { ...counts.changed },
    epochs: counts.epochs,
    threads: engine.threads,
    threadFault: engine.threadFault,
    waitShare: waiting.share(),
    path: opened.path,
    field: opened.pipeline.field ?? '',
    fingerprint: opened.fingerprint,
    split: split === nothingHeldOut ? nothingHeldOut.how : split.how,
    survey: opened.survey,
    held: surveyLines(opened.survey),
    warnings: [...warningsOf(opened), ...opened.warnings],
  }
}

/**
 * Faults: not-found, bad-file, bad-data, usage, network: whatever keeps the data from being read.
 * A thread that cannot be started is no fault: the report names it.
 */
export async function openRun(
  source: DataSource,
  asked: ExperimentContext,
): Promise<ExperimentRun> {
  const opened = await openData(source, asked)
  const { context, pipeline, split, engine } = opened
  const waiting = waitingClock()
  const trains: CountedStream[] = []
  const tests = new Map<string, TestCache>()
  let prompts: Promise<readonly EvaluationPrompt[]> | undefined
  const heldOut = () => heldOutRaws(context.spec, pipeline, split)
  const tested = (purpose: 'validation' | 'test', options: StreamOptions) => {
    const packing = packingOf(opened, options)
    const key = JSON.stringify([split.validation === undefined ? 'test' : purpose, packing])
    const cache = tests.get(key) ?? testCache(() => engine.open({ purpose, packing }))
    tests.set(key, cache)
    return cache.stream()
  }
  return {
    conditionNames: source.conditionNames(context.spec.experiment),
    train: (cursor, options = {}) => {
      const packing = packingOf(opened, options)
      const stream = engine.open({ purpose: 'train', packing, ...(cursor ? { cursor } : {}) })
      trains.push(stream)
      return waiting.measured(stream)
    },
    test: (options = {}) => tested('test', options),
    validation: (options = {}) => tested('validation', options),
    evaluationPrompts: () => {
      prompts ??= source.evaluationPrompts(context, heldOut)
      return prompts
    },
    heldOut,
    unitsOf: documents => unitsOf(documents, context.spec, pipeline, split),
    report: () => reportOf(opened, trains, waiting),
    close: async () => {
      await Promise.all(trains.map(stream => stream.close()))
      await Promise.all([...tests.values()].map(cache => cache.close()))
      await engine.close()
    },
  }
}

/** How much of the time training waits for data. */
export interface Waiting {
  /** the same stream, with its waiting measured */
  measured<S extends BatchStream>(stream: S): S
  /** of the time since the first batch was asked for; 0 before */
  share(): number
}

export function waitingClock(now: () => number = () => performance.now()): Waiting {
  let began: number | undefined
  let waited = 0
  return {
    measured: stream => ({
      ...stream,
      next: async () => {
        const asked = now()
        began ??= asked
        try {
          return await stream.next()
        } finally {
          waited += now() - asked
        }
      },
    }),
    share: () => (began === undefined || now() <= began ? 0 : waited / (now() - began)),
  }
}
