// Invented snapshots and answers of the playgrounds, for looking at the screens in a browser.
import { Chess } from 'chess.js'
import type { ChessRequest, PathRequest, SampleRequest } from '../../src-worker/contract/playground'
import { tell } from './engine-double'

const noise = (seed: number) => {
  const x = Math.sin(seed * 12.9898) * 43758.5453
  return x - Math.floor(x)
}
const hash = (text: string) => [...text].reduce((h, c) => (h * 31 + c.charCodeAt(0)) % 99991, 7)

const words =
  ' the quick brown fox jumps over the fence and into the yard where the dog sleeps all day long until somebody calls it home again'.match(
    / \S+/g,
  ) ?? []
const token = (at: number, seed: number) => {
  const text = words[Math.floor(noise(at + seed) * words.length)] ?? ' the'
  const p = 0.05 + 0.9 * noise(at * 3 + seed)
  const top = [1, 2, 3].map(i => ({
    text: words[(at + i) % words.length] ?? ' a',
    logProb: Math.log(p / (i + 1.5)),
  }))
  return { id: at, text, logProb: Math.log(p), top: [{ text, logProb: Math.log(p) }, ...top] }
}
const cancelled = new Set<string>()

const offsets: Record<string, readonly [number, number]> = {
  N: [0, -1],
  E: [1, 0],
  S: [0, 1],
  W: [-1, 0],
}

export const answers = {
  warmModels: () => [{ model: 'workbench-demo-base', bytes: 13.6e6 }],
  evaluationPrompts: ({ experiment }: { experiment: string }) =>
    experiment === 'pathfinding'
      ? [{ label: 'board 1', text: 'A O O X\nX X O O\nO O O X\nX O O B\nMoves:', group: '4 × 4' }]
      : [
          'The quick brown fox',
          'Once upon a time',
          'def fibonacci(n):',
          'The town hall was built in 1893 and',
        ].map((text, i) => ({
          label: text.slice(0, 24),
          text,
          group: i < 2 ? 'stories' : 'others',
        })),
  async sample({ request, samples = 1, sampling, promptedModel, seed = 0 }: SampleRequest) {
    const s = seed + hash(promptedModel.snapshot)
    const length = sampling?.maxTokens ?? 32
    const all = Array.from({ length: samples }, () => [] as ReturnType<typeof token>[])
    for (let i = 0; i < length; i++) {
      await new Promise(done => setTimeout(done, 15))
      if (cancelled.has(request)) break
      all.forEach((list, sample) => {
        const one = token(i, s + sample * 77)
        list.push(one)
        tell('sampleTokens', [{ request, sample, tokens: [one] }])
      })
    }
    return {
      samples: all.map(tokens => ({
        text: tokens.map(t => t.text).join(''),
        tokens,
        stopped: 'length',
      })),
      promptTokens: 7,
      secondsToFirstToken: 0.08,
      tokensPerSecond: 61.3,
      date: '',
      command: `spw sample --snapshot ${promptedModel.snapshot || 'none'} --seed ${seed}`,
    }
  },
  async chess({
    fen,
    moves = [],
    whiteElo = 1500,
    blackElo = 1500,
    choose,
    promptedModel,
    seed = 0,
  }: ChessRequest) {
    await new Promise(done => setTimeout(done, 300))
    const board = new Chess(fen || undefined)
    for (const m of moves) board.move(m)
    const key =
      hash(board.fen() + promptedModel.snapshot) + (board.turn() === 'w' ? whiteElo : blackElo)
    const legal = board
      .moves({ verbose: true })
      .map((m, i) => ({ uci: m.lan, san: m.san, weight: Math.exp(5 * noise(key + i)) }))
    const total = legal.reduce((sum, m) => sum + m.weight, 0) / 0.94
    const list = legal
      .map(({ uci, san, weight }) => ({ uci, san, probability: weight / total }))
      .sort((a, b) => b.probability - a.probability)
    const chosen =
      choose === 'none'
        ? null
        : (list[Math.floor(noise(key + seed) * Math.min(3, list.length))]?.uci ?? null)
    const raw =
      choose === 'raw'
        ? [
            { text: ' e9', legal: false },
            { text: ` ${chosen}`, legal: true },
          ]
        : []
    return {
      moves: list,
      illegalMass: 0.06,
      chosen,
      raw,
      surpriseBits: moves.length > 0 ? 2.1 : null,
      milliseconds: 300,
      context: `[WhiteElo "${whiteElo}"]\n${moves.join(' ')}`,
    }
  },
  async path({ board, moves = [], steps = 1, promptedModel, seed = 0 }: PathRequest) {
    await new Promise(done => setTimeout(done, 60))
    const at = (x: number, y: number) =>
      x < 0 || y < 0 || x >= board.width || y >= board.height
        ? '#'
        : board.cells[y * board.width + x]
    const start = board.cells.indexOf('A')
    let [x, y] = [start % board.width, Math.floor(start / board.width)]
    const take = (move: string) => {
      const [dx, dy] = offsets[move] ?? [0, 0]
      const hit = at(x + dx, y + dy) === '#'
      if (!hit) [x, y] = [x + dx, y + dy]
      return hit
    }
    const past = moves.map(take)
    const fresh: {
      move: string
      probabilities: Record<string, number>
      x: number
      y: number
      hit: boolean
    }[] = []
    for (let i = 0; i < steps; i++) {
      if (at(x, y) === 'B') {
        fresh.push({
          move: 'D',
          probabilities: { D: 0.9, N: 0.02, E: 0.03, S: 0.03, W: 0.02 },
          x,
          y,
          hit: false,
        })
        break
      }
      const key: number =
        hash(promptedModel.snapshot) + x * 7 + y * 13 + seed + fresh.length + moves.length
      const p = ['N', 'E', 'S', 'W'].map((m, j) => [m, Math.exp(3 * noise(key + j))] as const)
      const sum = p.reduce((s, [, v]) => s + v, 0) / 0.95
      const probabilities = {
        ...Object.fromEntries(p.map(([m, v]) => [m, v / sum])),
        D: 0.02,
        U: 0.01,
        other: 0.02,
      }
      const move = [...p].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'E'
      const hit = take(move)
      fresh.push({ move, probabilities, x, y, hit })
    }
    const done = fresh.at(-1)?.move === 'D'
    const total = moves.length + fresh.length - (done ? 1 : 0)
    return {
      steps: fresh,
      optimum: 14,
      optimalPath: [],
      result: {
        end: done ? 'done' : 'walking',
        reached: done,
        moves: total,
        extraMoves: done ? total - 14 : null,
        wallHits: past.filter(Boolean).length + fresh.filter(s => s.hit).length,
      },
      milliseconds: 60,
    }
  },
  randomBoard: ({ seed, width, height }: { seed: number; width: number; height: number }) => {
    const cells: string[] = Array.from({ length: width * height }, (_, i) =>
      noise(seed * 31 + i) < 0.3 ? '#' : '.',
    )
    cells[0] = 'A'
    cells[cells.length - 1] = 'B'
    return { width, height, cells }
  },
  cancel: ({ request }: { request: string }) => {
    cancelled.add(request)
    return null
  },
}
