// The first games of a file, for a person who decides whether it is the right one, and how many there are.
import type { DatasetPreview } from '../../contract/library'
import { noGames, openGames } from './pgn'
import { openBytes } from './pgn-bytes'
import { rawGames } from './pgn-games'
import { uciText } from './pgn-san'

/** Games of any event: the preview shows what is there, the run's filter chooses. */
const anyGame = { events: [], minElo: 0, maxElo: 4000, minPlies: 1, timeControls: [] }

/**
 * Elos and moves of the first games.
 * Faults: those of openGames; bad-data (no game).
 */
export async function previewGames(
  path: string,
  count: number,
): Promise<Omit<DatasetPreview, 'kind'>> {
  const stream = await openGames(path, anyGame)
  const rows: Record<string, unknown>[] = []
  for await (const { games } of stream.batches()) {
    for (const { whiteElo, blackElo, moves } of games) {
      if (rows.length >= count) break
      rows.push({ whiteElo, blackElo, plies: moves.length, moves: uciText(moves) })
    }
    if (rows.length >= count) break
  }
  const report = stream.report()
  if (report.read === 0) throw noGames(path, report)
  const skipped: Record<string, number> = {}
  for (const [reason, n] of Object.entries(report.skipped)) skipped[reason] = n ?? 0
  return {
    path,
    field: 'moves',
    fields: ['whiteElo', 'blackElo', 'moves'],
    rows,
    ...{ skipped, changed: {} },
  }
}

/** Games of any event, in portions. Faults: those of reading the file. */
export async function* countGames(path: string): AsyncGenerator<number> {
  for await (const { games } of rawGames(await openBytes(path)))
    yield games.filter(game => !game.oversized).length
}
