// Movetext → moves: what is passed over, what is refused, and that the moves are chess.js's moves.
import { Chess } from 'chess.js'
import { describe, expect, test } from 'vitest'
import { startPosition } from '../../../src-worker/behaviours/chess/pgn-board'
import { readMovetext } from '../../../src-worker/behaviours/chess/pgn-movetext'
import { playSan, uciOf, uciText } from '../../../src-worker/behaviours/chess/pgn-san'

describe('movetext', () => {
  test.each([
    ['1. e4 e5 2. Nf3 1-0', 'e2e4 e7e5 g1f3'],
    ['1.e4 e5 2.Nf3', 'e2e4 e7e5 g1f3'],
    ['1. e4 { [%eval 0.17] [%clk 0:05:00] } 1... e5 { [%clk 0:05:00] } *', 'e2e4 e7e5'],
    [
      '1. e4! $1 (1. d4 d5 (1... Nf6 {a ) b}) 2. c4) 1... e5?! ; to the end (of the line\n2. Bc4',
      'e2e4 e7e5 f1c4',
    ],
    ['1. e4 d5 2. e5 f5 3. exf6 e.p. 1/2-1/2', 'e2e4 d7d5 e4e5 f7f5 e5f6'],
    ['1. Nf3 Nf6 2. g3 g6 3. Bg2 Bg7 4. 0-0 O-O', 'g1f3 g8f6 g2g3 g7g6 f1g2 f8g7 e1g1 e8g8'],
    [
      '1. a4 b5 2. axb5 a6 3. bxa6 Nc6 4. a7 Rb8 5. axb8=N',
      'a2a4 b7b5 a4b5 a7a6 b5a6 b8c6 a6a7 a8b8 a7b8n',
    ],
    [
      '1. a4 b5 2. axb5 a6 3. bxa6 Nc6 4. a7 Rb8 5. axb8Q',
      'a2a4 b7b5 a4b5 a7a6 b5a6 b8c6 a6a7 a8b8 a7b8q',
    ],
    ['1. Ng1f3 d7d5', 'g1f3 d7d5'],
    // annotations that hang on a move, lines for programs, a draw in Latin-1 and in UTF-8 that is read as such
    ['1. e4$1 e5$2$14 2. Nf3!$6', 'e2e4 e7e5 g1f3'],
    ['1. e4\n% 1... hello\n1... e5', 'e2e4 e7e5'],
    ['%first\n1. e4 e5', 'e2e4 e7e5'],
    ['1. e4 e5 ½-½', 'e2e4 e7e5'],
    ['1. e4 e5 Â½-Â½', 'e2e4 e7e5'],
    // a thin space, one of no width, a byte order mark and a blank of Chinese type, as Latin-1 has their bytes
    ['1.â\x80\x89e4â\x80\x8b ï»¿e5ã\x80\x802. Nf3â\x80¯1-0'.replace('¯', '\xaf'), 'e2e4 e7e5 g1f3'],
    ['', ''],
  ])('%s', (text, uci) => {
    const read = readMovetext(text)
    expect(read.kind === 'moves' && uciText(read.moves)).toBe(uci)
  })

  test.each([
    '+-',
    '-+',
    '=',
    '+=',
    '=+',
    '+/-',
    '-/+',
    '+/=',
    '!+-',
    '+!?-+',
    'Â±',
    'â©²',
    '\xb1',
  ])('a judgement %s hangs on a move', sign => {
    const read = readMovetext(`1. e4 e5 2. Nf3${sign} Nc6 3. Bb5${sign} 1-0`)
    const moves = ['e2e4', 'e7e5', 'g1f3', 'b8c6', 'f1b5']
    expect(read.kind === 'moves' && read.moves.map(uciOf)).toEqual(moves)
  })

  test.each([
    ['1. e4 e5 2. Ke3', 'illegal-move', 3],
    ['1. Nf3 d5 2. Nd2', 'illegal-move', 3],
    ['1. e4 e5 2. Nf3 d6 3. Nbd4', 'illegal-move', 5],
    ['1. Nf3 d6 2. d3 d5 3. Nd2', 'ambiguous-move', 5],
    ['1. e4 -- 2. d4', 'null-move', 2],
    ['1. e4 hello', 'bad-san', 2],
    ['1. e5', 'illegal-move', 1],
    ['1. e4 e5 2. O-O', 'illegal-move', 3],
    ['1. e4 {never closed', 'unclosed-comment', 2],
    ['1. e4 (1. d4 {)} d5', 'unclosed-variation', 2],
    ['23. Nf3 d5 24. g3 1-0', 'not-from-the-start', 1],
    ['{from a diagram} 10.Nf3 d5', 'not-from-the-start', 1],
    ['1... Nf6 2. Nf3', 'not-from-the-start', 1],
    ['1…Nf6'.replace('…', 'â\x80¦'), 'not-from-the-start', 1],
  ])('%s is refused: %s at ply %i', (text, why, ply) => {
    expect(readMovetext(text)).toEqual({ kind: 'failed', why, ply })
  })

  test('a pinned piece is no candidate, and a check must be answered', () => {
    const pinned = readMovetext('1. e4 e5 2. Nf3 Nc6 3. Bb5 d6 4. d4 Nd4')
    expect(pinned).toEqual({ kind: 'failed', why: 'illegal-move', ply: 8 })
    const ignored = readMovetext('1. e4 e5 2. Qh5 a6 3. Qxf7+ a5')
    expect(ignored).toEqual({ kind: 'failed', why: 'illegal-move', ply: 6 })
  })

  test('ten thousand plies of junk are refused', () => {
    const shuffle = '1. Nf3 Nf6 2. Ng1 Ng8 '
    expect(readMovetext(shuffle.repeat(2500))).toMatchObject({ kind: 'failed', why: 'too-long' })
  })

  test('a refused token leaves the position as it was', () => {
    const position = startPosition()
    const before = [...position.board]
    for (const san of ['Nd5', 'e5', 'O-O', 'Qh5', '--', 'zz', 'exd3', 'e8=Q', 'a9', '']) {
      expect(playSan(position, san)).toBeLessThan(0)
      expect([...position.board]).toEqual(before)
    }
  })
})

describe('against chess.js', () => {
  /** Random legal games of chess.js, which promote, castle and take en passant far more often than people do. */
  test('random games written by chess.js are read back', () => {
    let state = 12345
    const below = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * n)
    }
    for (let n = 0; n < 8; n++) {
      const chess = new Chess()
      for (let ply = 0; ply < 160 && !chess.isGameOver(); ply++) {
        const moves = chess.moves({ verbose: true })
        const rare = moves.filter(m => m.promotion || m.isEnPassant() || m.san.startsWith('O-O'))
        const from = rare.length > 0 && below(2) === 0 ? rare : moves
        chess.move(from[below(from.length)]!.san)
      }
      const history = chess.history({ verbose: true })
      const read = readMovetext(chess.pgn({ maxWidth: 80 }).replace(/^\[.*\]\n/gm, ''))
      expect(read.kind === 'moves' && read.moves.map(uciOf)).toEqual(history.map(m => m.lan))
    }
  }, 240_000) // chess.js makes some 300 games a second alone, a few on a busy machine
})
