// The UCI engine's manners, with a player whose probabilities are known; the model's own come in chess-player.test.ts.
import { PassThrough } from 'node:stream'
import { Chess } from 'chess.js'
import { describe, expect, test } from 'vitest'
import type { ChessQuery, MoveDistribution } from '../../../src-worker/behaviours/chess/moves'
import { openSituation } from '../../../src-worker/behaviours/chess/position'
import { type MoveSource, runUci } from '../../../src-worker/behaviours/chess/uci'

/** Gives the i-th legal move the probability 0.9 · 2^−(i+1). */
async function known(query: ChessQuery): Promise<MoveDistribution> {
  const { legal, context } = openSituation(query)
  const moves = legal.map((move, i) => {
    const probability = 0.9 * 2 ** -(i + 1)
    return { ...move, probability, logProb: Math.log(probability) }
  })
  const sum = moves.reduce((total, move) => total + move.probability, 0)
  return { moves, illegalMass: 1 - sum, context }
}

/** The lines an engine answers to some lines. */
async function talk(lines: readonly string[], player: MoveSource = { distribution: known }) {
  const input = new PassThrough()
  const output = new PassThrough()
  const done = runUci({ input, output, player, name: 'test' })
  input.end(`${lines.join('\n')}\n`)
  await done
  return String(output.read() ?? '')
    .trimEnd()
    .split('\n')
}

const bestmoves = (lines: readonly string[]): string[] =>
  lines.filter(line => line.startsWith('bestmove')).map(line => line.slice(9))

describe('manners', () => {
  test('uci answers name, options and uciok', async () => {
    const lines = await talk(['uci', 'isready', 'quit'])
    expect(lines[0]).toMatch(/^id name Soft Prompt Workbench \(test\)/)
    const names = lines.flatMap(line => /^option name (\S+)/.exec(line)?.[1] ?? [])
    expect(names).toEqual([
      'UCI_LimitStrength',
      'UCI_Elo',
      'OpponentElo',
      'Temperature',
      'MultiPV',
      'Seed',
      'UCI_Opponent',
    ])
    expect(lines.slice(-2)).toEqual(['uciok', 'readyok'])
  })

  test.each([
    ['position startpos', ['go']],
    ['position startpos moves e2e4 e7e5 g1f3', ['go movetime 100']],
    ['position fen r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1', ['go nodes 1 depth 3']],
    ['position fen 8/P6k/8/8/8/8/7K/8 w - - 0 1 moves a7a8n', ['go wtime 1 btime 1']],
  ])('%s: a legal bestmove', async (position, go) => {
    const lines = await talk([position, ...go])
    const [fen, moves = ''] = position.replace(/^position (fen )?/, '').split(' moves ')
    const board = fen === 'startpos' ? new Chess() : new Chess(fen)
    for (const move of moves.split(' ').filter(Boolean)) board.move(move)
    const legal = board.moves({ verbose: true }).map(move => move.lan)
    expect(legal).toContain(bestmoves(lines)[0])
  })

  test('mate and stalemate answer 0000', async () => {
    const mate = 'position startpos moves f2f3 e7e5 g2g4 d8h4'
    const stale = 'position fen 7k/5Q2/6K1/8/8/8/8/8 b - - 0 1'
    expect(bestmoves(await talk([mate, 'go', stale, 'go']))).toEqual(['0000', '0000'])
  })

  test('nothing kills it', async () => {
    const lines = await talk([
      '',
      'hello world',
      'position',
      'go',
      'position fen 8/8/8/8/8/8/8/8 w - - 0 1',
      'go',
      'position fen rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQ1BNR w kq - 0 1',
      'go',
      'position startpos moves e2e5',
      'go',
      'setoption',
      'setoption name Nothing value 3',
      'setoption name UCI_Elo value strong',
      'setoption name Temperature value -1',
      'setoption name __proto__ value -1',
      'constructor',
      '__proto__',
      'stop',
      'ponderhit',
      'debug on',
      'register later',
      'isready',
      'position startpos moves e2e4',
      'go',
    ])
    expect(lines).toContain('readyok')
    expect(bestmoves(lines)).toEqual(['0000', '0000', '0000', 'a2a3', 'b8c6'])
    const complaints = lines.filter(line => line.startsWith('info string'))
    expect(complaints.join('\n')).toMatch(/missing (white|black) king/)
    expect(complaints).toContain('info string illegal move e2e5')
    expect(complaints).toContain('info string not a value of UCI_Elo: strong')
    expect(complaints).toContain('info string unknown command: __proto__')
  })

  test.each([
    ['go movetime 5', []],
    ['go depth 3', []],
    ['go wtime -5 btime x', []],
    ['go movetime', []],
    ['go infinite', ['stop']],
    ['go ponder', ['ponderhit']],
    ['go ponder', ['stop', 'stop', 'ponderhit']],
    ['go infinite', []],
  ])('%s, then %j and the end of the input: one bestmove', async (go, then) => {
    expect(bestmoves(await talk(['position startpos', go, ...then]))).toEqual(['a2a3'])
  })

  test('a player that fails leaves a legal move and says why', async () => {
    const broken: MoveSource = { distribution: () => Promise.reject(new Error('out of\nmemory')) }
    const lines = await talk(['go'], broken)
    expect(lines).toEqual(['info string error out of memory', 'bestmove a2a3'])
  })

  test('isready is answered while a move is thought of; infinite waits for stop', async () => {
    const input = new PassThrough()
    const output = new PassThrough()
    const done = runUci({ input, output, player: { distribution: known }, name: 'test' })
    let received = ''
    output.on('data', chunk => {
      received += chunk
    })
    input.write('position startpos\ngo infinite\nisready\n')
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(received).toContain('readyok')
    expect(received).not.toContain('bestmove')
    input.write('stop\n')
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(received).toMatch(/bestmove a2a3\n$/)
    input.end('quit\n')
    await done
  })
})

describe('options', () => {
  test('MultiPV reports the most probable moves with their probabilities', async () => {
    const lines = await talk(['setoption name MultiPV value 3', 'position startpos', 'go'])
    const found = lines.flatMap(line => {
      const match = /^info string multipv (\d) (\S+) probability (\S+)$/.exec(line)
      return match ? [[Number(match[1]), match[2], Number(match[3])]] : []
    })
    expect(found).toEqual([
      [1, 'a2a3', 0.45],
      [2, 'a2a4', 0.225],
      [3, 'b2b3', 0.1125],
    ])
    expect(lines.filter(line => / multipv \d nodes 20 .* pv /.test(line))).toHaveLength(3)
  })

  const elosOf = async (...lines: string[]): Promise<[number, number]> => {
    let elos: [number, number] = [0, 0]
    await talk([...lines, 'go'], {
      distribution: query => {
        elos = [query.whiteElo, query.blackElo]
        return known(query)
      },
    })
    return elos
  }

  test('Elos go to the side that moves', async () => {
    const set = ['setoption name UCI_Elo value 1800', 'setoption name OpponentElo value 1200']
    expect(await elosOf(...set, 'position startpos')).toEqual([1800, 1200])
    expect(await elosOf(...set, 'position startpos moves e2e4')).toEqual([1200, 1800])
    const opponent = 'setoption name UCI_Opponent value GM 2800 human Gary Kasparov'
    expect(await elosOf(opponent)).toEqual([1500, 2800])
    expect(await elosOf('setoption name UCI_LimitStrength value false')).toEqual([2400, 1500])
    expect(await elosOf('setoption name UCI_Elo value 99999')).toEqual([3000, 1500])
  })

  test.each([
    ['UCI_Elo value 1e3', 'not a value of UCI_Elo: 1e3'],
    ['UCI_Elo value -5', 'UCI_Elo -5 is outside 600 to 3000, 600 is taken'],
    ['UCI_Elo', 'not a value of UCI_Elo: '],
    ['OpponentElo value 9000', 'OpponentElo 9000 is outside 600 to 3000, 3000 is taken'],
    ['Temperature value 0x10', 'not a value of Temperature: 0x10'],
    ['Temperature value 1,5', 'not a value of Temperature: 1,5'],
    ['Temperature value inf', 'not a value of Temperature: inf'],
    ['Temperature value -0.5', 'Temperature -0.5 is outside 0 to 100, 0 is taken'],
    ['MultiPV value 0', 'MultiPV 0 is outside 1 to 218, 1 is taken'],
    ['MultiPV value 2.5', 'not a value of MultiPV: 2.5'],
    ['Seed value 99999999999', 'Seed 99999999999 is outside 0 to 2147483647, 2147483647 is taken'],
    ['UCI_LimitStrength value yes', 'not a value of UCI_LimitStrength: yes'],
    ['__proto__ value 1', 'no such option: __proto__'],
    ['constructor value 1', 'no such option: constructor'],
    ['Hash value 16', 'no such option: Hash'],
  ])('setoption name %s is reported, and the game goes on', async (option, problem) => {
    const lines = await talk([`setoption name ${option}`, 'go'])
    expect(lines[0]).toBe(`info string ${problem}`)
    expect(bestmoves(lines)).toEqual(['a2a3'])
  })

  test('words of a value are read in any case', async () => {
    expect(await elosOf('setoption name UCI_LimitStrength value False')).toEqual([2400, 1500])
  })

  test('Temperature draws by seed: equal seeds play alike, others differ somewhere', async () => {
    const game = async (seed: number): Promise<string> => {
      const options = ['setoption name Temperature value 1.5', `setoption name Seed value ${seed}`]
      const go = ['', 'e2e4', 'e2e4 e7e5', 'd2d4', 'd2d4 d7d5', 'c2c4', 'g1f3', 'b2b4']
      const lines = go.flatMap(moves => [`position startpos moves ${moves}`, 'go'])
      return bestmoves(await talk([...options, ...lines])).join(' ')
    }
    expect(await game(1)).toBe(await game(1))
    expect(await game(1)).not.toBe(await game(2))
  })

  test('each game has draws of its own: the second of seed 1 is the first of seed 2', async () => {
    const go = ['', 'e2e4', 'e2e4 e7e5', 'd2d4', 'd2d4 d7d5', 'c2c4', 'g1f3', 'b2b4'].flatMap(
      moves => [`position startpos moves ${moves}`, 'go'],
    )
    const seeded = (seed: number) => [
      'setoption name Temperature value 1.5',
      `setoption name Seed value ${seed}`,
      // a GUI says it before the first game too, and may say it twice
      ...['ucinewgame', 'ucinewgame'],
    ]
    const moves = bestmoves(await talk([...seeded(1), ...go, 'ucinewgame', ...go]))
    const [first, second] = [moves.slice(0, 8), moves.slice(8)]
    expect(second).not.toEqual(first)
    expect(second).toEqual(bestmoves(await talk([...seeded(2), ...go])))
  })

  test('searchmoves limits the choice', async () => {
    const lines = await talk(['position startpos', 'go searchmoves e2e4 d2d4 movetime 5'])
    expect(['e2e4', 'd2d4']).toContain(bestmoves(lines)[0])
  })
})
