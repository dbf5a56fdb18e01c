// How fast the data of chess and pathfinding are made: node tests/setup/run.mjs bench/data.ts [--json]
// Rates are per thread: items by wall clock, and by CPU time where the machine has other things to do.
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { Chess } from 'chess.js'
import { decompress } from 'zstd-napi'
import { openGameCache } from '../src-worker/behaviours/chess/cache'
import { openGames } from '../src-worker/behaviours/chess/pgn'
import { uciText } from '../src-worker/behaviours/chess/pgn-san'
import { openChessPlayer } from '../src-worker/behaviours/chess/player'
import { promptText } from '../src-worker/behaviours/paths/boards'
import { walkedMaze } from '../src-worker/behaviours/paths/generator'
import { type GameFilter, gameFilterSchema } from '../src-worker/contract/experiment-spec'
import { openTokenizer } from '../src-worker/dataset/tokenizer'
import { openSampler } from '../src-worker/sample/prompted'
import { ortRuntime } from '../src-worker/session/ort'
import { rng } from '../src-worker/stream/rng'
import { openModelFolder } from '../src-worker/weights/model-folder'

export interface DataFigure {
  readonly name: string
  readonly unit: string
  /** items a second of wall clock, best of the repetitions */
  readonly perSecond: number
  /** items a second of CPU time */
  readonly perCpuSecond: number
  /** to be reached, by the project's own plan */
  readonly target: number | null
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly platform: string
  /** other work on the machine makes wall-clock figures worse */
  readonly load: number
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  load: loadavg()[0] ?? 0,
})

const everything: GameFilter = { ...gameFilterSchema.parse({}), events: [] }
const nothing: GameFilter = { ...everything, events: ['no such event'] }

/** Repeats work that answers how many items it did; the best repetition counts. */
async function figure(
  name: string,
  unit: string,
  target: number | null,
  work: () => Promise<number> | number,
  repetitions = 3,
): Promise<DataFigure> {
  let [perSecond, perCpuSecond] = [0, 0]
  for (let i = 0; i < repetitions; i++) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()]
    const items = await work()
    const seconds = (performance.now() - wall) / 1000
    const { user, system } = process.cpuUsage(cpu)
    perSecond = Math.max(perSecond, items / seconds)
    perCpuSecond = Math.max(perCpuSecond, items / ((user + system) / 1e6))
  }
  return { name, unit, perSecond, perCpuSecond, target }
}

async function gamesRead(path: string, filter: GameFilter): Promise<number> {
  const stream = await openGames(path, filter)
  for await (const _ of stream.batches());
  return stream.report().read
}

async function chessFigures(games: string): Promise<DataFigure[]> {
  const datasets = mkdtempSync(join(tmpdir(), 'spw-bench-'))
  const cached = { filter: everything, datasets, limit: 1e9 }
  const figures = [
    await figure('PGN → moves', 'games', 600, () => gamesRead(games, everything)),
    await figure('filtered out by header', 'games', 100_000, () => gamesRead(games, nothing)),
    await figure('chess.js loadPgn, for comparison', 'games', null, () => loadPgn(games), 1),
  ]
  await openGameCache(games, cached)
  const text = async (): Promise<number> => {
    let count = 0
    for await (const game of (await openGameCache(games, cached)).games()) {
      if (uciText(game.moves).length > 0) count++
    }
    return count
  }
  figures.push(await figure('prepared games → UCI text', 'games', 20_000, text))
  rmSync(datasets, { recursive: true })
  return figures
}

async function loadPgn(path: string): Promise<number> {
  const games = decompress(await readFile(path))
    .toString('latin1')
    .split(/\n(?=\[Event ")/)
  const some = games.slice(0, 150)
  for (const game of some) new Chess().loadPgn(game)
  return some.length
}

function boardFigures(): Promise<DataFigure[]> {
  const made = (width: number, height: number, count: number) => () => {
    const random = rng(1, 'bench')
    const format = { spaces: true, movesLine: true }
    let length = 0
    for (let i = 0; i < count; i++)
      length += promptText(walkedMaze(random, width, height).maze, format).length
    return length > 0 ? count : 0
  }
  return Promise.all([
    figure('8 × 8 boards with walk and text', 'boards', 5000, made(8, 8, 20_000)),
    figure('32 × 32 boards with walk and text', 'boards', null, made(32, 32, 1000)),
  ])
}

async function tokenFigures(games: string, model: string): Promise<DataFigure[]> {
  const tokenizer = await openTokenizer(model)
  const texts: string[] = []
  const stream = await openGames(games, everything)
  for await (const batch of stream.batches())
    texts.push(...batch.games.map(game => uciText(game.moves)))
  const some = texts.slice(0, 4096)
  const encode = async (): Promise<number> => (await tokenizer.encodeBatch(some)).length
  return [await figure('UCI text → tokens', 'games', null, encode)]
}

/** The model's own game, each move computed where the one before ended. */
async function moveFigures(model: string): Promise<DataFigure[]> {
  const [folder, tokenizer] = await Promise.all([openModelFolder(model), openTokenizer(model)])
  const sampler = await openSampler({ runtime: ortRuntime(), folder, tokenizer })
  const player = await openChessPlayer(sampler)
  const play = async (): Promise<number> => {
    const moves: string[] = []
    for (let ply = 0; ply < 12; ply++) {
      const query = { moves, whiteElo: 1500, blackElo: 1500 }
      moves.push((await player.choose(query, { kind: 'argmax' }, 0))!.uci)
    }
    return moves.length
  }
  const figures = [await figure('chess: the most probable legal move', 'moves', 4, play)]
  await sampler.release()
  return figures
}

/** All figures. @param games a .pgn.zst file @param model a folder with tokenizer.json */
export async function dataFigures(games: string, model: string): Promise<DataFigure[]> {
  return [
    ...(await chessFigures(games)),
    ...(await boardFigures()),
    ...(await tokenFigures(games, model)),
    ...(await moveFigures(model)),
  ]
}

const round = (n: number): string => Math.round(n).toLocaleString('en')

export function dataTable(figures: readonly DataFigure[]): string {
  const rows = figures.map(f => [
    f.name,
    `${round(f.perSecond)} ${f.unit}/s`,
    `${round(f.perCpuSecond)} ${f.unit}/CPU s`,
    f.target === null ? '' : `≥ ${round(f.target)}`,
  ])
  const all = [['what', 'wall clock', 'CPU time', 'to reach'], ...rows]
  const widths = all[0]!.map((_, c) => Math.max(...all.map(row => row[c]!.length)))
  return all.map(row => row.map((cell, c) => cell.padEnd(widths[c]!)).join('  ')).join('\n')
}

/** The games of tests/reference and the bundled model. */
async function main(): Promise<void> {
  const root = process.cwd()
  const games = join(root, 'tests/reference/data/lichess_sample.pgn.zst')
  const figures = await dataFigures(games, join(root, 'resources/models/workbench-demo-base'))
  if (!process.argv.includes('--json')) console.log(`${dataTable(figures)}\n`)
  console.log(JSON.stringify({ machine: machine(), games, figures }))
}

// run by itself, not when another benchmark imports it
if (/\bdata\.cjs$/.test(process.argv[1] ?? '')) void main()
