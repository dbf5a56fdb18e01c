import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  agreeDraw,
  fenOf,
  type Game,
  gameFromFen,
  legalMoves,
  moveRows,
  newGame,
  play,
  resign,
  resultOf,
  resultText,
  takeBack,
  uciMoves,
} from '../../src-renderer/stores/chess-game'
import { fromPgn, toPgn } from '../../src-renderer/stores/chess-pgn'
import { readCommand, sayMove } from '../../src-renderer/stores/chess-speech'
import { referencePath } from '../reference-path'

const played = (moves: string, game: Game = newGame()): Game =>
  moves.split(' ').reduce((g, move) => play(g, move), game)

describe('moves are read as people write them', () => {
  test.each([
    ['e4', 'e2e4'],
    ['e2e4', 'e2e4'],
    ['E2-E4', 'e2e4'],
    ['e2 e4', 'e2e4'],
    ['Nf3', 'g1f3'],
    ['nf3', 'g1f3'],
    ['Nf3!?', 'g1f3'],
  ])('%s is %s', (text, uci) => {
    expect(uciMoves(play(newGame(), text))).toEqual([uci])
  })

  test('castling with letters or zeros, promotion in both spellings', () => {
    const before = played('e4 e5 Nf3 Nc6 Bc4 Nf6')
    expect(uciMoves(play(before, '0-0')).at(-1)).toBe('e1g1')
    for (const castles of ['O-O', 'o-o', '00', 'O–O'])
      expect(uciMoves(play(before, castles)).at(-1)).toBe('e1g1')
    const pawn = gameFromFen('8/4P3/8/8/8/8/k7/4K3 w - - 0 1')
    expect(play(pawn, 'e8=N').plies[0]?.san).toBe('e8=N')
    for (const queen of ['e7e8q', 'e8q', 'e8Q', 'e8=q', 'e8(Q)', 'E7-E8=Q'])
      expect(play(pawn, queen).plies[0]?.san).toBe('e8=Q')
  })

  test.each(['e8', 'e7e8', 'e7-e8'])('%s asks what the pawn becomes', text => {
    const pawn = gameFromFen('8/4P3/8/8/8/8/k7/4K3 w - - 0 1')
    expect(() => play(pawn, text)).toThrow('does not say what the pawn becomes.')
  })

  test('a move of nobody is none', () => {
    expect(() => play(newGame(), '--')).toThrow('-- is not a legal move here.')
    expect(() => fromPgn('1. e4 -- 2. d4')).toThrow('Half-move 2 of the PGN, --,')
  })

  test('an illegal move says so, and how many are legal', () => {
    expect(() => play(newGame(), 'e5')).toThrow('e5 is not a legal move here. 20 moves are legal.')
  })

  test('a FEN is a position that can be played', () => {
    expect(() => gameFromFen('nonsense')).toThrow('This is not a position: must contain six')
    expect(() => gameFromFen('4k3/4R3/8/8/8/8/8/4K3 w - - 0 1')).toThrow(
      'the king on e8 is in check, and the other side is to move.',
    )
    expect(gameFromFen('4k3/4R3/8/8/8/8/8/4K3  b - -').start).toBe(
      '4k3/4R3/8/8/8/8/8/4K3 b - - 0 1',
    )
  })

  test('take back leaves the game as it was, and undoes a resignation', () => {
    const game = played('e4 e5 Nf3')
    expect(takeBack(game, 2)).toEqual(played('e4'))
    expect(takeBack(game, 99)).toEqual(newGame())
    expect(resultOf(takeBack(resign(game, 'w'), 1))).toEqual({ kind: 'playing' })
  })
})

describe('a game over is seen', () => {
  const repeat = 'Nf3 Nf6 Ng1 Ng8 Nf3 Nf6 Ng1 Ng8'
  test.each([
    ['mate', played('f3 e5 g4 Qh4#'), '0-1', 'Checkmate. Black wins.'],
    ['stalemate', gameFromFen('7k/5Q2/6K1/8/8/8/8/8 b - - 0 1'), '1/2-1/2', 'Draw by stalemate.'],
    ['threefold', played(repeat), '1/2-1/2', 'Draw by the same position three times.'],
    [
      'fifty',
      gameFromFen('7k/8/6K1/8/8/8/8/R7 b - - 100 90'),
      '1/2-1/2',
      'Draw by fifty moves without a capture or pawn move.',
    ],
    [
      'material',
      gameFromFen('7k/8/6K1/8/8/8/8/B7 b - - 0 1'),
      '1/2-1/2',
      'Draw by too little material to mate.',
    ],
    ['resigned', resign(newGame(), 'w'), '0-1', 'White resigned. Black wins.'],
    ['agreed', agreeDraw(newGame()), '1/2-1/2', 'Draw by agreement.'],
  ])('%s', (reason, game, score, text) => {
    expect(resultOf(game)).toEqual({ kind: 'over', score, reason })
    expect(resultText(resultOf(game))).toBe(text)
    expect(() => play(game, 'e4')).toThrow('The game is over.')
  })
})

describe('PGN', () => {
  test('comes back as it went, quotes and all', () => {
    const headers = { White: 'you "the human"', SnapshotId: 'runs\\a', WhiteElo: '1650', Seed: '7' }
    const game = played('e4 e5 Nf3 Nc6 Bc4 Nf6')
    const back = fromPgn(toPgn(game, headers))
    expect(back.game).toEqual(game)
    expect(back.headers).toMatchObject(headers)
  })

  test('a position with Black to move keeps its numbers', () => {
    const game = played('Kb7', gameFromFen('1k6/8/8/8/8/8/P7/K7 b - - 3 40'))
    const text = toPgn(game, {})
    expect(text).toContain('[FEN "1k6/8/8/8/8/8/P7/K7 b - - 3 40"]')
    expect(text).toContain('40... Kb7')
    expect(fromPgn(text).game).toEqual(game)
    expect(moveRows(game)).toEqual([{ number: 40, white: '…', black: 'Kb7' }])
  })

  test('comments and annotations are skipped; an illegal move is named', () => {
    const text =
      '1. e4 {best by test (really)} e5 (1... c5 (1... e6) 2. Nf3) 2. Nf3 $1 Nc6!? 1/2-1/2'
    expect(uciMoves(fromPgn(`[Result "1/2-1/2"]\n\n${text}`).game)).toHaveLength(4)
    expect(() => fromPgn('1. e4 e5 2. Ke3')).toThrow(
      'Half-move 3 of the PGN, Ke3, is not legal there.',
    )
    const comments = '% of a program\n1. e4 {a; b} e5 ; c { d\n2. Nf3 2… Nc6 *'
    expect(uciMoves(fromPgn(comments).game)).toHaveLength(4)
    expect(() => fromPgn('hello')).toThrow('Half-move 1')
    expect(() => fromPgn('')).toThrow('There are no moves in this text.')
  })

  test('games of the reference replay to their positions', () => {
    type Case = { mainline_uci: string; fen: string }
    const file = JSON.parse(readFileSync(referencePath('reference', 'chess', 'games.json'), 'utf8'))
    const cases = (file.cases as Case[]).filter(c => c.mainline_uci.length > 0).slice(0, 20)
    for (const { mainline_uci, fen } of cases) {
      const end = played(mainline_uci)
      expect(fenOf(end)).toBe(fen)
    }
  })
})

describe('the move box', () => {
  const game = played('e4 e5 Nf3')
  test.each([
    ['l', 'White: Knight f3'],
    ['p N', 'White knight: b1, f3. Black knight: b8, g8'],
    ['s e', 'e1 White king, e4 White pawn, e5 Black pawn, e8 Black king'],
    ['s e4', 'e4 White pawn'],
    ['s 5', 'e5 Black pawn'],
    ['s d6', 'd6 is empty.'],
    ['t', 'Black to move.'],
    ['m b8', '2 legal: Nc6, Na6'],
    ['p', 'Name a piece as well, for instance p N.'],
    ['s', 'Name a file, a rank or a square as well, for instance s e4.'],
    ['p X', 'X is not a piece: K, Q, R, B, N or P.'],
  ])('%s', (line, words) => {
    const command = readCommand(game, line)
    expect(command.kind).toBe('say')
    if (command.kind === 'say') expect(command.text).toBe(words)
  })

  test('moves and actions are kept apart', () => {
    expect(readCommand(game, 'resign')).toEqual({ kind: 'do', action: 'resign' })
    expect(readCommand(game, 'b4')).toEqual({ kind: 'move', text: 'b4' })
    expect(readCommand(game, ' Nc6 ')).toEqual({ kind: 'move', text: 'Nc6' })
  })

  test.each([
    ['Nxf3+', 'Knight takes f3, check'],
    ['exd8=Q#', 'Pawn from e takes d8 becomes a queen, checkmate'],
    ['O-O-O', 'castles queen-side'],
    ['R1a3', 'Rook from 1 a3'],
  ])('%s is spoken', (san, words) => expect(sayMove(san)).toBe(words))

  test('legal moves of a square', () => {
    expect(
      legalMoves(game, 'g8')
        .map(m => m.uci)
        .sort(),
    ).toEqual(['g8e7', 'g8f6', 'g8h6'])
  })
})
