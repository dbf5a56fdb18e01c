// The prepared games: the same games as the file's, made once, whole or not at all.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  type GameCache,
  isGameCache,
  openGameCache,
  readGameCache,
} from '../../../src-worker/behaviours/chess/cache'
import { openGames } from '../../../src-worker/behaviours/chess/pgn'
import { uciText } from '../../../src-worker/behaviours/chess/pgn-san'
import { gameFilterSchema } from '../../../src-worker/contract/experiment-spec'
import { referencePath } from '../../reference-path'

const root = mkdtempSync(join(tmpdir(), 'spw-games-'))
afterAll(() => rmSync(root, { recursive: true }))
const datasets = join(root, 'datasets')
const sample = referencePath('data/lichess_sample.pgn.zst')
const everything = { ...gameFilterSchema.parse({}), events: [] }
const options = { filter: everything, datasets, limit: 1e6 }

async function textsOf(cache: GameCache): Promise<string[]> {
  const texts: string[] = []
  for await (const { whiteElo, blackElo, moves } of cache.games())
    texts.push(`${whiteElo} ${blackElo} ${uciText(moves)}`)
  return texts
}

describe('game cache', () => {
  test('holds the games of the file in order, and is read again instead of made again', async () => {
    const progress: number[] = []
    const made = await openGameCache(sample, {
      ...options,
      onProgress: (_, share) => progress.push(share),
    })
    const stream = await openGames(sample, everything)
    const direct: string[] = []
    for await (const { games } of stream.batches())
      for (const g of games) direct.push(`${g.whiteElo} ${g.blackElo} ${uciText(g.moves)}`)
    expect(await textsOf(made)).toEqual(direct)
    expect(made.report).toEqual(stream.report())
    expect(progress.at(-1)).toBe(1)

    const again = await openGameCache(sample, { ...options, onProgress: () => expect.fail('made') })
    expect(again.folder).toBe(made.folder)
    expect(await textsOf(again)).toEqual(direct)
    expect(again.report).toEqual(made.report)
  })

  test('another filter or limit is another cache; the limit is kept and reported', async () => {
    const blitz = await openGameCache(sample, { ...options, filter: gameFilterSchema.parse({}) })
    expect(blitz.report.accepted).toBe(641)
    expect(blitz.limited).toBe(false)
    const few = await openGameCache(sample, { ...options, limit: 10 })
    expect(few.limited).toBe(true)
    expect(await textsOf(few)).toHaveLength(10)
  })

  test('a changed file is another cache, a renamed one is not', async () => {
    const copy = join(root, 'copy.pgn')
    writeFileSync(copy, readFileSync(sample))
    const made = await openGameCache(copy, options)
    const renamed = join(root, 'renamed.pgn')
    renameSync(copy, renamed)
    expect((await openGameCache(renamed, options)).folder).toBe(made.folder)
    utimesSync(renamed, 1, 1)
    expect((await openGameCache(renamed, options)).folder).not.toBe(made.folder)
  })

  test('a folder is its PGN files in order', async () => {
    const folder = join(root, 'months')
    mkdirSync(folder)
    const [first, second] = ['[Event "a"]', '[Event "b"]'].map(
      (event, i) => `${event}\n[WhiteElo "150${i}"]\n[BlackElo "1600"]\n\n1. e4 1-0\n\n`,
    )
    writeFileSync(join(folder, '2023-12.pgn'), second!)
    writeFileSync(join(folder, '2023-11.pgn'), first!)
    writeFileSync(join(folder, 'notes.txt'), 'no game')
    const cache = await openGameCache(folder, options)
    expect(await textsOf(cache)).toEqual(['1500 1600 e2e4', '1501 1600 e2e4'])
    expect(await isGameCache(cache.folder)).toBe(true)
    expect(await isGameCache(folder)).toBe(false)
    expect(await textsOf(await readGameCache(cache.folder))).toHaveLength(2)
  })

  test('a damaged shard is a fault; a missing one makes the cache anew', async () => {
    const { folder } = await openGameCache(sample, { ...options, limit: 100 })
    const shard = join(folder, 'games-0000.bin')
    const bytes = readFileSync(shard)
    bytes[40]! ^= 255
    writeFileSync(shard, bytes)
    const damaged = await openGameCache(sample, { ...options, limit: 100 })
    await expect(textsOf(damaged)).rejects.toMatchObject({
      code: 'bad-file',
      fix: expect.stringContaining('it will be made again'),
    })
    rmSync(shard)
    const anew = await openGameCache(sample, { ...options, limit: 100 })
    expect(await textsOf(anew)).toHaveLength(100)
  })

  test('stopped or failed builds leave nothing behind', async () => {
    const before = readdirSync(datasets)
    const stopped = openGameCache(sample, { ...options, limit: 77, signal: AbortSignal.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    const corrupt = join(root, 'corrupt.pgn.zst')
    writeFileSync(corrupt, readFileSync(sample).fill(7, 300_000, 300_900))
    await expect(openGameCache(corrupt, options)).rejects.toMatchObject({ code: 'bad-file' })
    await expect(openGameCache(join(root, 'none'), options)).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(readdirSync(datasets)).toEqual(before)
  })

  test('two builds at once end in one cache', async () => {
    const both = await Promise.all(
      [1, 2].map(() => openGameCache(sample, { ...options, limit: 500 })),
    )
    expect(both[0]!.folder).toBe(both[1]!.folder)
    for (const cache of both) expect(await textsOf(cache)).toHaveLength(500)
    expect(readdirSync(datasets).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  test('what a crash left is removed after a day', async () => {
    const { folder } = await openGameCache(sample, { ...options, limit: 50 })
    rmSync(folder, { recursive: true })
    const left = `${folder}.00000000.tmp`
    writeFileSync(left, '')
    utimesSync(left, 0, 0)
    await openGameCache(sample, { ...options, limit: 50 })
    expect(readdirSync(datasets).some(name => name.endsWith('.tmp'))).toBe(false)
  })
})
