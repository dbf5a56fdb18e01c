// The prepared games: the same games as the file's, made once, whole or not at all.
import {
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
import { gameFilterSchema } from '../../src-worker/contract/run'
import { type GameCache, openGameCache } from '../../src-worker/dataset/lichess-cache'
import { openGames } from '../../src-worker/dataset/pgn'
import { uciText } from '../../src-worker/dataset/pgn-san'
import { shared } from '../shared'

const root = mkdtempSync(join(tmpdir(), 'spw-games-'))
afterAll(() => rmSync(root, { recursive: true }))
const datasets = join(root, 'datasets')
const sample = shared('data/lichess_sample.pgn.zst')
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
      onProgress: read => progress.push(read),
    })
    const stream = await openGames(sample, everything)
    const direct: string[] = []
    for await (const { games } of stream.batches())
      for (const g of games) direct.push(`${g.whiteElo} ${g.blackElo} ${uciText(g.moves)}`)
    expect(await textsOf(made)).toEqual(direct)
    expect(made.report).toEqual(stream.report())
    expect(progress.at(-1)).toBe(stream.size)

    const again = await openGameCache(sample, { ...options, onProgress: () => expect.fail('made') })
    expect(again.folder).toBe(made.folder)
    expect(await textsOf(again)).toEqual(direct)
    expect(again.report).toEqual(made.report)
  })

  test('another filter or limit is another cache; the limit is kept and told', async () => {
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
