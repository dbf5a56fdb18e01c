import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { batched, type EngineEvent, validArguments } from '../../src-worker/contract/engine'
import { homeFolder } from '../../src-worker/contract/home'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const log = (line: string) => [{ run: 'r', line }]

test('the first event is sent at once, the next ones together after 100 ms', () => {
  const batches: (readonly EngineEvent[])[] = []
  const { emit } = batched(batch => batches.push(batch))
  emit('log', log('1'))
  emit('log', log('2'))
  emit('libraryChanged', { what: 'models' })
  emit('log', log('3'))
  expect(batches).toEqual([[['log', log('1')]]])
  vi.advanceTimersByTime(100)
  expect(batches[1]).toEqual([
    ['log', [...log('2'), ...log('3')]],
    ['libraryChanged', { what: 'models' }],
  ])
})

test('nothing waits, nothing is sent, and after a quiet time the next event goes at once', () => {
  const batches: (readonly EngineEvent[])[] = []
  const { emit } = batched(batch => batches.push(batch))
  emit('log', log('1'))
  vi.advanceTimersByTime(1000)
  expect(batches).toHaveLength(1)
  emit('log', log('2'))
  expect(batches).toHaveLength(2)
})

test('a stream of events is at most ten batches a second, and loses none', () => {
  const batches: (readonly EngineEvent[])[] = []
  const { emit, flush } = batched(batch => batches.push(batch))
  for (let ms = 0; ms < 1000; ms++) {
    emit('log', log(String(ms)))
    vi.advanceTimersByTime(1)
  }
  expect(batches.length).toBeLessThanOrEqual(11)
  flush()
  const lines = batches.flat().flatMap(([, data]) => data as { line: string }[])
  expect(lines.map(l => l.line)).toEqual(Array.from({ length: 1000 }, (_, ms) => String(ms)))
})

test('arguments that do not fit are named with their place', () => {
  const schema = z.object({ points: z.int().min(10), runs: z.array(z.string()) })
  expect(() => validArguments(schema, 'series', { points: 3, runs: ['a', 5] })).toThrow(
    'series.points: Too small: expected number to be >=10; series.runs.1: Invalid input: expected string, received number',
  )
})

test.each([
  ['linux', { SPW_HOME: '/data/spw' }, '/data/spw'],
  ['linux', {}, '/u/.local/share/soft-prompt-workbench'],
  ['linux', { XDG_DATA_HOME: '/x' }, '/x/soft-prompt-workbench'],
  ['darwin', {}, '/u/Library/Application Support/soft-prompt-workbench'],
  ['win32', { LOCALAPPDATA: 'C:/L' }, 'C:/L/soft-prompt-workbench'],
])('on %s with %o the home is %s', (platform, env, expected) => {
  expect(homeFolder({ platform, env, userHome: '/u' })).toBe(expected)
})
