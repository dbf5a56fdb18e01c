// reference/chess and batches/chess_batches: games to conditions and UCI text, final positions, first batches. Exact.
import { Chess } from 'chess.js'
import { type GameText, gameRecords, openChess } from '../behaviours/chess/data'
import { normalisedElo } from '../behaviours/chess/elo'
import { chess as behaviour } from '../behaviours/chess/index'
import { openGames } from '../behaviours/chess/pgn'
import { uciText } from '../behaviours/chess/pgn-san'
import { type GameFilter, gameFilterSchema } from '../contract/experiment-spec'
import { runSpecSchema } from '../contract/run-spec'
import { openTokenizer } from '../dataset/tokenizer'
import { compared, exact, part, type VerifyCase, type VerifyContext } from './case'
import { dataFile, modelNamed, readJson } from './golden'

interface GoldenGame {
  readonly index: number
  readonly elos: readonly [number, number] | null
  readonly processed: {
    readonly uci: string
    readonly elos: readonly number[]
    readonly normalized_elos: readonly number[]
  } | null
  readonly mainline_uci: string
  readonly fen: string
  readonly checkmate: boolean
  readonly stalemate: boolean
  readonly in_check: boolean
  readonly legal_move_count: number
}

interface GoldenBatch {
  readonly tokenizer: string
  readonly batch_index: number
  readonly batch_size: number
  readonly maximum_sample_length_in_tokens: number
  readonly conditions: readonly (readonly number[])[]
  readonly token_ids: readonly (readonly number[])[]
}

const check = behaviour.kind
const blitz: GameFilter = gameFilterSchema.parse({})
const everything: GameFilter = { ...blitz, events: [] }

/** Accepted games by their number in the file. */
async function gamesByIndex(path: string, filter: GameFilter): Promise<Map<number, GameText>> {
  const stream = await openGames(path, filter)
  const found = new Map<number, GameText>()
  for await (const { games, indices } of stream.batches())
    games.forEach(({ whiteElo, blackElo, moves }, i) => {
      found.set(indices[i]!, { whiteElo, blackElo, uci: uciText(moves) })
    })
  return found
}

/** The final position as chess.js gives it. */
function finalPosition(uci: string): unknown[] {
  const chess = new Chess()
  for (const move of uci === '' ? [] : uci.split(' ')) chess.move(move)
  const ends = [chess.isCheckmate(), chess.isStalemate(), chess.inCheck()]
  return [chess.fen(), ...ends, chess.moves().length]
}

async function* gameCases(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const golden = await readJson<{ source: string; cases: GoldenGame[] }>(
    context.reference,
    check,
    'games.json',
  )
  const path = await dataFile(context, golden.source)
  const all = await gamesByIndex(path, everything)
  const trained = await gamesByIndex(path, blitz)
  for (const game of golden.cases) {
    const name = `game ${game.index}`
    // games without moves or Elos are skipped: there is nothing to compare but that
    const usable = game.elos !== null && game.mainline_uci !== ''
    const own = all.get(game.index)
    yield exact(
      check,
      `${name} moves and Elos`,
      own === undefined ? [] : [own.uci, own.whiteElo, own.blackElo],
      usable ? [game.mainline_uci, ...(game.elos ?? [])] : [],
    )
    yield exact(
      check,
      `${name} as trained`,
      [trained.get(game.index)?.uci ?? null],
      [game.elos === null ? null : (game.processed?.uci ?? null)],
    )
    const { fen, checkmate, stalemate, in_check: inCheck, legal_move_count: legal } = game
    const position = finalPosition(game.mainline_uci)
    yield exact(check, `${name} position`, position, [fen, checkmate, stalemate, inCheck, legal])
  }
}

async function* eloCases(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const golden = await readJson<{ pairs: { elos: number[]; normalized: number[] }[] }>(
    context.reference,
    check,
    'elo_normalization.json',
  )
  for (const { elos, normalized } of golden.pairs) {
    const error = Math.max(...elos.map((elo, i) => Math.abs(normalisedElo(elo) - normalized[i]!)))
    yield compared(check, `Elos ${elos.join(' and ')}`, error, 1e-12)
  }
}

async function* batchCases(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const golden = await readJson<{ source: string; cases: GoldenBatch[] }>(
    context.reference,
    'batches',
    'chess_batches.json',
  )
  const path = await dataFile(context, golden.source.split(',')[0]!)
  for (const item of golden.cases) {
    const name = `${item.tokenizer} batch ${item.batch_index}`
    yield* part(check, name, batchCase(context, path, item, name))
  }
}

/** The games of a batch, as many as it has lanes, from its place among the accepted ones of the file. */
async function gamesOf(path: string, item: GoldenBatch): Promise<GameText[]> {
  const raws: GameText[] = []
  const first = item.batch_index * item.batch_size
  const filter = { kind: check, conditioned: 'elos', filter: blitz } as const
  for await (const { raw } of gameRecords(path, filter, {})) {
    raws.push(raw)
    if (raws.length === first + item.batch_size) break
  }
  return raws.slice(first)
}

async function* batchCase(
  context: VerifyContext,
  path: string,
  item: GoldenBatch,
  name: string,
): AsyncGenerator<VerifyCase, void> {
  const model = await modelNamed(context, item.tokenizer)
  const tokenizer = await openTokenizer(model.path)
  const length = item.maximum_sample_length_in_tokens
  const spec = runSpecSchema.parse({
    experiment: { kind: check },
    model: model.path,
    data: { path },
    prompt: { type: 'mlp', tokens: 1 },
    training: { steps: 1, length },
  })
  const pipeline = await openChess({ spec, model, tokenizer })
  const prepared = await pipeline.prepare(await gamesOf(path, item))
  const lanes = prepared.flatMap(p =>
    'ids' in p ? [{ ...p, ids: p.ids.subarray(0, length), start: 0, document: 0 }] : [],
  )
  const { batch } = pipeline.pack(lanes, { promptTokens: 0 })
  yield exact(check, `${name} ids`, [...batch.slots], item.token_ids.flat())
  const conditions = item.conditions.flat()
  const error = Math.max(...conditions.map((c, i) => Math.abs(c - batch.conditions[i]!)))
  yield compared(check, `${name} conditions`, error, 1e-6)
}

export async function* verifyChess(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  yield* part(check, 'games', gameCases(context))
  yield* part(check, 'Elos', eloCases(context))
  yield* part(check, 'batches', batchCases(context))
}
