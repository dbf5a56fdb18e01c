// What the playgrounds keep over a reload of the window: a fresh pinia on the same storage is a reload.
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import { useChess } from '../../src-renderer/stores/chess'
import { agreeDraw, newGame, resign, uciMoves } from '../../src-renderer/stores/chess-game'
import { toPgn } from '../../src-renderer/stores/chess-pgn'
import { boardText, emptyBoard, firstBoard } from '../../src-renderer/stores/path-board'
import { usePaths } from '../../src-renderer/stores/paths'
import { useText } from '../../src-renderer/stores/text'
import { paperSettings } from '../../src-renderer/stores/text-request'
import { stubWindow } from './bridge'

beforeEach(() => {
  stubWindow({ cancel: () => null })
  setActivePinia(createPinia())
})

async function reload(): Promise<void> {
  await nextTick()
  setActivePinia(createPinia())
}

describe('chess', () => {
  test('the game and how it is played', async () => {
    const before = useChess()
    before.you = 'b'
    before.modelElo = 2400
    before.policy = 'raw'
    before.load('8/P6k/8/8/8/8/7K/8 w - - 0 1')
    before.moveForModel('a7a8q')
    before.move('Kg7')
    await reload()
    const after = useChess()
    expect(uciMoves(after.game)).toEqual(['a7a8q', 'h7g7'])
    expect(after.fen).toBe(before.fen)
    expect([after.you, after.modelElo, after.policy]).toEqual(['b', 2400, 'raw'])
  })

  test.each([
    ['resigned', resign(newGame(), 'w')],
    ['agreed', agreeDraw(newGame('7k/8/8/8/8/8/8/KQ6 w - - 0 1'))],
  ])('a game that was %s stays over', async (kind, game) => {
    const before = useChess()
    before.move('e4')
    const plies = game.start === before.game.start ? before.game.plies : []
    before.load(toPgn({ ...game, plies }, {}))
    await reload()
    expect(useChess().game).toEqual(before.game)
    expect(useChess().game.ending.kind).toBe(kind)
  })

  test.each(['nonsense', '{}', '{"pgn": 3}', '{"pgn": "1. e5"}', '{"pgn": "1. e4 e4"}'])(
    'what cannot be read is a new game: %s',
    text => {
      localStorage.setItem('chess-game', text)
      localStorage.setItem('chess-settings', '{"modelElo": 99999}')
      expect(useChess().game).toEqual(newGame())
      expect(useChess().modelElo).toBe(1500)
    },
  )
})

test('the text room keeps its draft', async () => {
  const before = useText()
  before.prompt = 'It was'
  before.placement = 3
  before.conditions = [0.5]
  before.settings = { ...paperSettings, seed: 7 }
  before.chat = { ...before.chat, user: 'Hello' }
  before.withBare = false
  await reload()
  const after = useText()
  expect(after.question()).toEqual(before.question())
  expect(after.withBare).toBe(false)
  expect(after.answers).toEqual([])
})

test('the path room keeps its board and settings', async () => {
  const before = usePaths()
  before.setBoard(emptyBoard(3, 5))
  before.touch({ x: 1, y: 1 }, 'wall')
  before.touch({ x: 2, y: 0 }, 'start')
  before.extraMoves = 4
  await reload()
  const after = usePaths()
  expect(boardText(after.board)).toBe('..A\n.#.\n...\n...\n..B')
  expect([after.width, after.height, after.extraMoves]).toEqual([3, 5, 4])
  localStorage.setItem('paths-board', '{"text": "no board"}')
  await reload()
  expect(usePaths().board).toEqual(firstBoard())
})
