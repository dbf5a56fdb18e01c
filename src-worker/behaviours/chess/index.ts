// Does a text model know how to play chess at a wanted strength, and how long must a prompt be to say so?

import { join } from 'node:path'
import { Fault } from '../../contract/fault'
import type { RunSpec } from '../../contract/run-spec'
import { promptIds } from '../../dataset/special-tokens'
import { accumulationFor } from '../../spec/paper'
import { withLocalData } from '../../stream/local-data'
import { openRun } from '../../stream/open'
import type {
  EvaluationPrompt,
  Experiment,
  ExperimentContext,
  ExperimentDefinition,
  HeldOut,
} from '../behaviour'
import { defineExperiment } from '../define'
import { type GameCache, openGameCache } from './cache'
import { type GameText, openChess } from './data'
import { type ChessSpec, chessConditions } from './elo'
import { malformedCount } from './pgn'

/** An evaluation prompt is at most so many plies of a game, or the first half of a shorter one. */
const promptPlies = 20
/** Plies of the true continuation that are shown beside what the model wrote. */
const expectedPlies = 8

export const chessSpec = ({ experiment }: RunSpec): ChessSpec => experiment as ChessSpec

/** The beginnings of held-out games with their Elos. */
async function gamePrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const { conditioned } = chessSpec(context.spec)
  const wanted = context.spec.results.prompts
  const found: EvaluationPrompt[] = []
  for await (const { uci, whiteElo, blackElo } of heldOut() as AsyncIterable<GameText>) {
    if (found.length >= wanted) break
    const moves = uci.split(' ')
    const plies = Math.min(promptPlies, Math.floor(moves.length / 2))
    if (plies === 0) continue
    const text = moves.slice(0, plies).join(' ')
    found.push({
      id: `game-${found.length}`,
      label: `${whiteElo} against ${blackElo}, after ${plies} plies`,
      group: 'held-out game',
      text,
      tokenIds: await promptIds(context.tokenizer, text),
      conditions: chessConditions(conditioned, whiteElo, blackElo),
      placeAt: 'start',
      expected: ` ${moves.slice(plies, plies + expectedPlies).join(' ')}`,
    })
  }
  return found
}

/** The paper's micro-batches: a longer prompt fills the same memory with fewer lanes. */
function accumulationOf(modelId: string, tokens: number): number {
  if (tokens >= 512) return accumulationFor(modelId, [4, 8, 16, 32])
  return accumulationFor(modelId, tokens >= 64 ? [2, 4, 8, 16] : [1, 2, 4, 8])
}

/** Runs of one sweep ask for the same number of games, so that they share one cache. */
const fewestGames = 1 << 17
const testGames = 1 << 15

/** A power of two that is enough for one pass without a game seen twice. */
export function gamesWanted({ training, data }: RunSpec): number {
  const needed = (training.steps * training.lanes) / (1 - data.holdout)
  return Math.max(fewestGames, 2 ** Math.ceil(Math.log2(Math.max(1, needed))))
}

interface PreparedGames {
  /** of the caches: recipes read these */
  readonly spec: RunSpec
  /** of the files that the user named */
  readonly files: RunSpec
  readonly caches: readonly GameCache[]
}

/** Faults: bad-data, naming the file, when the cache is empty. */
function withGames(cache: GameCache, path: string): GameCache {
  const { accepted, read, skipped } = cache.report
  if (accepted > 0) return cache
  const reasons = Object.entries(skipped).map(([why, n]) => `${n} × ${why}`)
  throw new Fault(
    'bad-data',
    `${path} has no game to learn from (${read} read${reasons.map(r => `, ${r}`).join('')})`,
    read === 0 ? 'Give games as PGN.' : 'Widen the filter of games, or give other games.',
  )
}

async function prepareGames(context: ExperimentContext, files: RunSpec): Promise<PreparedGames> {
  const { filter } = chessSpec(files)
  const prepared = async (path: string, limit: number): Promise<GameCache> => {
    const cache = await openGameCache(path, {
      filter,
      datasets: join(context.home, 'datasets'),
      limit,
      ...(context.signal ? { signal: context.signal } : {}),
      onProgress: (file, share, games) =>
        context.onProgress?.(`preparing ${games} games of ${file}`, share),
    })
    return withGames(cache, path)
  }
  const train = await prepared(files.data.path, gamesWanted(files))
  const { testPath } = files.data
  const test = testPath === '' ? undefined : await prepared(testPath, testGames)
  const data = { ...files.data, path: train.folder, testPath: test?.folder ?? '' }
  return { spec: { ...files, data }, files, caches: test ? [train, test] : [train] }
}

function warningsOf({ caches }: PreparedGames): string[] {
  return caches.flatMap(({ report, limited }) => {
    const malformed = malformedCount(report)
    const first = report.malformed[0]
    return [
      ...(report.truncated ? ['The file of games is cut short: what came before was used.'] : []),
      ...(limited ? [`The first ${report.accepted} games that fit were used.`] : []),
      ...(malformed > 0 && first !== undefined
        ? [`${malformed} games could not be read; the first is number ${first.game}: ${first.why}.`]
        : []),
    ]
  })
}

const definition: ExperimentDefinition = {
  kind: 'chess',
  title: 'Chess at a chosen strength',
  explanation:
    'A prompt made from both players’ Elos makes a text model continue real games move by move.',
  finding:
    'Longer prompts keep helping: pythia-160m falls from 2.40 nats to 1.20 with 16 tokens and 0.91 with 1024.',
  openRecipe: openChess,
  demoData: 'data/lichess_demo.pgn.zst',
  defaults: (modelId, tokens = 16) => ({
    data: { path: 'demo' },
    prompt: { type: 'mlp', tokens, hiddenLayers: 0, hiddenWidth: 128 },
    start: { kind: 'index', index: 0 },
    training: {
      steps: 4096,
      lanes: 32,
      accumulation: accumulationOf(modelId, tokens),
      length: 256,
    },
    results: { prompts: 128, maxTokens: 32, metricSamples: 128 },
  }),
  demo: () => ({
    experiment: { kind: 'chess', filter: { events: [], minPlies: 10 } },
    model: 'workbench-demo-base',
    data: { path: 'demo' },
    prompt: { type: 'mlp', tokens: 16, hiddenLayers: 0, hiddenWidth: 128 },
    optimizer: { learningRate: 2e-3 },
    training: {
      steps: 96,
      lanes: 8,
      accumulation: 1,
      length: 96,
      testEvery: 16,
      testBatches: 4,
      finalTestBatches: 24,
    },
    results: { prompts: 8, maxTokens: 24, metricSamples: 16 },
  }),
  evaluationPrompts: gamePrompts,
}

export const chess: Experiment = {
  ...defineExperiment(definition),
  open: async context => {
    const files = await withLocalData(definition.demoData, context)
    const prepared = await prepareGames(context, files)
    const run = await openRun(definition, { ...context, spec: prepared.spec })
    const fingerprint = prepared.caches.map(cache => cache.fingerprint).join(' ')
    return {
      ...run,
      report: () => {
        const report = run.report()
        const warnings = [...report.warnings, ...warningsOf(prepared)]
        return { ...report, path: files.data.path, fingerprint, warnings }
      },
    }
  },
}
