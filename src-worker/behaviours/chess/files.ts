// The files of games that a run names, as caches from which games are read quickly in any order.
import { join } from 'node:path'
import type { RunSpec } from '../../contract/run-spec'
import type { ExperimentContext, PreparedFiles } from '../../stream/source'
import { type GameCache, openGameCache } from './cache'
import type { ChessSpec } from './elo'
import { malformedCount, noGames } from './pgn'

/** Runs of one sweep ask for the same number of games, so that they share one cache. */
const fewestGames = 1 << 17
const testGames = 1 << 15

/** A power of two that is enough for one pass without a game seen twice. */
export function gamesWanted({ training, data }: RunSpec): number {
  const needed = (training.steps * training.lanes) / (1 - data.holdout)
  return Math.max(fewestGames, 2 ** Math.ceil(Math.log2(Math.max(1, needed))))
}

/** Faults: bad-data, naming the file, when the cache is empty. */
function withGames(cache: GameCache, path: string): GameCache {
  if (cache.report.accepted > 0) return cache
  throw noGames(path, cache.report)
}

/** Games as a cache, from which they are read quickly in any order. Faults: those of openGameCache; bad-data. */
export async function prepareFiles(context: ExperimentContext): Promise<PreparedFiles> {
  const { spec: files } = context
  const { filter } = files.experiment as ChessSpec
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
  const caches = test ? [train, test] : [train]
  return {
    spec: { ...files, data },
    fingerprint: caches.map(cache => cache.fingerprint).join(' '),
    warnings: caches.flatMap(warningsOf),
  }
}

function warningsOf({ report, limited }: GameCache): string[] {
  const malformed = malformedCount(report)
  const first = report.malformed[0]
  return [
    ...(limited ? [`The first ${report.accepted} games that fit were used.`] : []),
    ...(malformed > 0 && first !== undefined
      ? [`${malformed} games could not be read; the first is number ${first.game}: ${first.why}.`]
      : []),
  ]
}
