import { Chess } from 'chess.js'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test } from 'vitest'
import { drawRule, useChess } from '../../src-renderer/stores/chess'
import { startPosition, uciMoves } from '../../src-renderer/stores/chess-game'
import { type MatchPlan, useChessMatch } from '../../src-renderer/stores/chess-match'
import { useChessSweep } from '../../src-renderer/stores/chess-sweep'
import { useLibrary } from '../../src-renderer/stores/library'
import { usePlayground } from '../../src-renderer/stores/playground'
import type { ChessRequest } from '../../src-worker/contract/playground'
import { type Answers, later, stubWindow } from './bridge'
import { threeEntries } from './snapshot-entry'

/** A player that always takes the first legal move. */
function firstMove({ fen, moves = [], choose }: ChessRequest) {
  const board = new Chess(fen || undefined)
  for (const move of moves) board.move(move)
  const legal = board.moves({ verbose: true })
  const list = legal.map(m => ({ uci: m.lan, san: m.san, probability: 0.9 / legal.length }))
  const chosen = choose === 'none' ? null : (list[0]?.uci ?? null)
  const numbers = { illegalMass: 0.1, surpriseBits: 1, milliseconds: 1 }
  return { moves: list, ...numbers, chosen, raw: [], context: '' }
}

const answers: Answers = {
  chess: firstMove,
  cancel: () => null,
  snapshots: threeEntries,
}
let bridge = stubWindow(answers)
beforeEach(async () => {
  setActivePinia(createPinia())
  bridge = stubWindow(answers)
  await useLibrary().reload('snapshots')
})

describe('chess', () => {
  const begin = () => {
    usePlayground().choose('chess', '/a')
    return useChess()
  }

  test('you move, it replies; take back undoes both', async () => {
    const chess = begin()
    expect(chess.move('e4')).toBeNull()
    await chess.think()
    expect(uciMoves(chess.game)).toEqual(['e2e4', 'b8c6'])
    expect(chess.yourTurn).toBe(true)
    expect(bridge.of('chess')[0]).toMatchObject({ moves: ['e2e4'], choose: 'temperature' })
    chess.back()
    expect(uciMoves(chess.game)).toEqual([])
  })

  test('a move out of turn and an illegal one say why', async () => {
    const chess = begin()
    expect(chess.move('e5')?.message).toContain('e5 is not a legal move here')
    chess.move('e4')
    expect(chess.move('d4')?.message).toBe('It is the model’s turn.')
  })

  test('after your mating move, take back is your turn again', () => {
    const chess = begin()
    expect(chess.load('7k/5Q2/6K1/8/8/8/8/8 w - - 0 1')).toBeNull()
    chess.move('Qg7')
    expect(chess.over).toBe(true)
    chess.offerDraw()
    chess.giveUp()
    expect(chess.result).toMatchObject({ reason: 'mate', score: '1-0' })
    chess.back()
    expect(uciMoves(chess.game)).toEqual([])
    expect(chess.yourTurn).toBe(true)
  })

  test('a resignation is taken back alone, at the start of a game too', async () => {
    const chess = begin()
    chess.giveUp()
    chess.back()
    expect(chess.yourTurn).toBe(true)
    chess.move('e4')
    await chess.think()
    chess.giveUp()
    chess.back()
    expect(uciMoves(chess.game)).toEqual(['e2e4', 'b8c6'])
    expect(chess.yourTurn).toBe(true)
  })

  test('a move in an earlier position begins a variation, and the line is kept', async () => {
    const chess = begin()
    chess.move('e4')
    await chess.think()
    chess.viewed = 1
    expect(chess.move('d4')?.message).toBe('It is the model’s turn.')
    chess.viewed = 0
    expect(chess.status).toBe('An earlier position: a move here begins a variation.')
    expect(chess.move('d4')).toBe(null)
    expect(uciMoves(chess.game)).toEqual(['d2d4'])
    expect(chess.variations.map(({ text }) => text)).toEqual(['1. e4 Nc6'])
    chess.switchTo(chess.variations[0]!.line)
    expect(uciMoves(chess.game)).toEqual(['e2e4', 'b8c6'])
    expect(chess.variations.map(({ text }) => text)).toEqual(['1. d4'])
  })

  test('a new game has draws of its own where moves are drawn', async () => {
    const chess = begin()
    const { seed } = chess
    chess.start()
    chess.move('e4')
    chess.start()
    expect(chess.seed).toBe(seed + 1)
    chess.policy = 'argmax'
    chess.move('e4')
    chess.start()
    expect(chess.seed).toBe(seed + 1)
  })

  test('an answer for a game that is no longer on the board moves nothing', async () => {
    const chess = begin()
    const slow = later<null>()
    answers.chess = async (r: ChessRequest) => {
      await slow.promise
      return firstMove(r)
    }
    chess.move('e4')
    const thinking = chess.think()
    chess.start()
    slow.done(null)
    await thinking
    answers.chess = firstMove
    expect(uciMoves(chess.game)).toEqual([])
  })

  test('nothing legal in raw mode waits for a decision', async () => {
    const chess = begin()
    answers.chess = (r: ChessRequest) => ({ ...firstMove(r), chosen: null })
    chess.move('e4')
    await chess.think()
    expect(chess.stuck).toBe(true)
    answers.chess = firstMove
    chess.moveForModel('e7e5')
    expect(uciMoves(chess.game)).toEqual(['e2e4', 'e7e5'])
  })

  test('Elos follow the colours, and a PGN brings them back', () => {
    const chess = begin()
    chess.you = 'b'
    chess.modelElo = 2400
    chess.yourElo = 800
    expect(chess.elos).toEqual({ white: 2400, black: 800 })
    const text = chess.pgn(new Date('2026-11-24T00:00:00Z'))
    expect(text).toContain('[WhiteElo "2400"]\n[BlackElo "800"]\n[SnapshotId "/a"]')
    chess.modelElo = 1000
    expect(chess.load(`${text.split('\n\n')[0]}\n\n1. e4 *`)).toBeNull()
    expect(chess.modelElo).toBe(2400)
    expect(chess.load('8/8/8/8/8/8/8/8 w - - 0 1')?.message).toContain('This is not a position')
  })

  test('a draw is declined while the model is ahead', () => {
    const chess = begin()
    chess.load('rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNB1KBNR w KQkq - 0 1')
    chess.offerDraw()
    expect(chess.said).toBe(`Declined: it is ahead by 9. ${drawRule}`)
    chess.start()
    chess.offerDraw()
    expect(chess.over).toBe(true)
    expect(chess.said).toBe(`Draw by agreement. ${drawRule}`)
  })

  test('a sweep reads each Elo of the side to move once, and stops when cleared', async () => {
    begin()
    const sweep = useChessSweep()
    await sweep.sweep()
    expect(sweep.rows.map(r => r.elo)).toEqual([600, 1200, 1800, 2400, 3000])
    expect(bridge.of('chess').map(r => r.whiteElo)).toEqual([600, 1200, 1800, 2400, 3000])
    expect(bridge.of('chess').every(r => r.blackElo === 1500)).toBe(true)
    await sweep.readProbe(1800)
    expect(bridge.of('chess')).toHaveLength(5)
    sweep.clear()
    expect(sweep.rows).toEqual([])
  })
})

describe('model against model', () => {
  const promptedModel = { model: 'demo', snapshot: '', startToken: false }
  const plan: MatchPlan = {
    players: [
      { label: 'A', promptedModel, elo: 800 },
      { label: 'B', promptedModel, elo: 2400 },
    ],
    ...{ games: 2, start: startPosition, policy: 'argmax', temperature: 1, topP: 1, tries: 3 },
    ...{ seed: 5, longest: 40 },
  }

  test('colours alternate, seeds count up, the score adds up', async () => {
    const match = useChessMatch()
    await match.run(plan)
    expect(match.played.map(p => [p.white, p.seed])).toEqual([
      [0, 5],
      [1, 6],
    ])
    const asked = bridge.of('chess')
    expect([asked[0]?.whiteElo, asked[0]?.blackElo]).toEqual([800, 2400])
    expect([asked.at(-1)?.whiteElo, asked.at(-1)?.blackElo]).toEqual([2400, 800])
    const { wins, draws, losses, points } = match.score
    expect(wins + draws + losses).toBe(2)
    expect(points).toBe(wins + draws / 2)
    expect(match.pgn().match(/\[Round/g)).toHaveLength(2)
  })

  test('a player without a legal move loses; after a fault it goes on where it was', async () => {
    const match = useChessMatch()
    let asked = 0
    answers.chess = (r: ChessRequest) => {
      asked++
      if (asked === 2) throw { code: 'engine', message: 'the engine died', fix: 'Ask again.' }
      return { ...firstMove(r), chosen: null }
    }
    await match.run(plan)
    expect(match.fault?.message).toBe('the engine died')
    expect(match.played).toHaveLength(1)
    expect(match.played[0]?.points).toBe(0)
    await match.run()
    answers.chess = firstMove
    expect(match.played.map(p => p.points)).toEqual([0, 1])
  })
})
