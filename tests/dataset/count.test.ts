import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type CountRequest, countRecords } from '../../src-worker/behaviours/data-kinds'
import { temporaryFolder } from '../temporary'
import { resources } from '../train/runs'

const lines = (n: number, text: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => JSON.stringify({ text: text(i), id: i })).join('\n')

const game = (n: number): string => `[Event "Rated Blitz game"]\n[Site "${n}"]\n\n1. e4 e5 1-0\n\n`

function file(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}

test.each<[string, () => Omit<CountRequest, 'field'>, number]>([
  ['texts', () => ({ path: file('a.jsonl', lines(700, String)), kind: 'text' }), 700],
  [
    'texts, not the empty ones',
    () => ({
      path: file(
        'a.jsonl',
        lines(700, i => (i % 7 === 0 ? ' ' : 'x')),
      ),
      kind: 'text',
    }),
    600,
  ],
  ['compressed', () => ({ path: file('a.jsonl.gz', gzipSync(lines(9, String))), kind: 'text' }), 9],
  ['examples', () => ({ path: join(resources, 'data/demo_pairs.jsonl'), kind: 'custom' }), 117],
  [
    'games of any event',
    () => ({
      path: file('a.pgn', Array.from({ length: 40 }, (_, i) => game(i)).join('')),
      kind: 'chess',
    }),
    40,
  ],
])('%s', async (_, request, count) => {
  const reported: number[] = []
  const found = await countRecords(
    { ...request(), field: '' },
    { onProgress: soFar => reported.push(soFar) },
  )
  expect(found).toBe(count)
  expect(reported.at(-1)).toBe(found)
  expect([...reported].sort((a, b) => a - b)).toEqual(reported)
})

test('it stops when asked', async () => {
  const path = file('a.jsonl', lines(5000, String))
  const stop = new AbortController()
  const counting = countRecords(
    { path, kind: 'text', field: '' },
    { signal: stop.signal, onProgress: soFar => soFar > 1000 && stop.abort() },
  )
  await expect(counting).rejects.toMatchObject({
    code: 'cancelled',
    message: expect.stringMatching(/^counting stopped at 1[0-9]{3}$/),
  })
})
