// Games → examples: UCI moves joined by spaces, conditioned on both Elos.

import { type Fault, fail } from '../../contract/fault'
import type { SkipCounts } from '../../dataset/skip-counts'
import type { DataPipeline, PipelineContext, RawRecord } from '../../stream/data-pipeline'
import type { Example } from '../../stream/example'
import { autoregressive, pack } from '../../stream/pack'
import { gameFiles, isGameCache, readGameCache } from './cache'
import { type ChessSpec, chessConditions } from './elo'
import { filterReasons, type Game, noGames, openGames } from './pgn'
import { uciText } from './pgn-san'

/** A game as the model sees it: survives structured clone. */
export interface GameText {
  readonly whiteElo: number
  readonly blackElo: number
  readonly uci: string
}

const recordOf = ({ whiteElo, blackElo, moves }: Game): RawRecord<GameText> => {
  const uci = uciText(moves)
  return { key: uci, bytes: 2 * uci.length + 64, raw: { whiteElo, blackElo, uci } }
}

function addCounts(
  skipped: SkipCounts,
  counts: Readonly<Record<string, number | undefined>>,
): void {
  for (const [why, n] of Object.entries(counts)) skipped[why] = (skipped[why] ?? 0) + (n ?? 0)
}

const cutShort = 'The file of games is cut short: what came before was used.'

/** Games of a prepared cache, a PGN file, or the PGN files of a folder, in order. Faults: bad-data (none to learn from). */
export async function* gameRecords(
  path: string,
  spec: ChessSpec,
  skipped: SkipCounts,
  remarks?: Set<string>,
): AsyncGenerator<RawRecord<GameText>> {
  if (await isGameCache(path)) {
    const cache = await readGameCache(path)
    addCounts(skipped, cache.report.skipped)
    if (cache.report.truncated) remarks?.add(cutShort)
    for await (const game of cache.games()) yield recordOf(game)
    return
  }
  let none: Fault | undefined
  let found = 0
  for (const file of await gameFiles(path)) {
    const stream = await openGames(file, spec.filter)
    for await (const { games } of stream.batches()) for (const game of games) yield recordOf(game)
    const report = stream.report()
    addCounts(skipped, report.skipped)
    if (report.truncated) remarks?.add(cutShort)
    found += report.accepted
    none ??= noGames(file, report)
  }
  if (found === 0 && none !== undefined) throw none
}

export async function openChess(context: PipelineContext): Promise<DataPipeline<GameText>> {
  const { experiment, original } = context.spec
  if (experiment.kind !== 'chess') return fail(`chess opened for ${experiment.kind}`)
  const conditionsOf = ({ whiteElo, blackElo }: GameText): Float32Array =>
    Float32Array.from(chessConditions(experiment.conditioned, whiteElo, blackElo))
  return {
    lanes: 'fresh',
    heavy: false,
    filters: filterReasons,
    records: (path, skipped, remarks) => gameRecords(path, experiment, skipped, remarks),
    prepare: async raws => {
      const ids = await context.tokenizer.encodeBatch(raws.map(raw => raw.uci))
      return raws.map(
        (raw, i): Example => ({ ids: Int32Array.from(ids[i]!), conditions: conditionsOf(raw) }),
      )
    },
    pack: (lanes, options) => pack(lanes, autoregressive, { ...options, original }),
  }
}
