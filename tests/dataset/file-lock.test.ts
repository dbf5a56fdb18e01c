// One works, the others wait; who died does not keep them waiting.
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { withFileLock } from '../../src-worker/dataset/file-lock'
import { thisHost } from '../../src-worker/weights/this-machine'
import { temporaryFolder } from '../temporary'

test('works never overlap, failed ones let the next in, and no mark stays', async () => {
  const folder = temporaryFolder()
  const mark = join(folder, '.mark')
  let inside = 0
  const work = async (n: number): Promise<number> => {
    inside += 1
    expect(inside).toBe(1)
    await sleep(20)
    inside -= 1
    if (n === 1) throw new Error('failed')
    return n
  }
  const ended = await Promise.allSettled(
    [0, 1, 2].map(n => withFileLock(mark, undefined, () => work(n))),
  )
  expect(ended.map(e => e.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(readdirSync(folder)).toEqual([])
})

test.each([
  ['long ago', -16],
  ['by a clock that was set back', 3600],
])('a mark left %s does not count', async (_, seconds) => {
  const mark = join(temporaryFolder(), '.mark')
  mkdirSync(mark)
  const at = Date.now() / 1000 + seconds
  utimesSync(mark, at, at)
  expect(await withFileLock(mark, undefined, async () => 'done')).toBe('done')
})

test('of many that find the mark of a dead process, one works at a time', async () => {
  const mark = join(temporaryFolder(), '.mark')
  mkdirSync(mark)
  const at = Date.now() / 1000 - 60
  utimesSync(mark, at, at)
  let inside = 0
  const work = async (): Promise<void> => {
    inside += 1
    expect(inside).toBe(1)
    await sleep(5)
    inside -= 1
  }
  await Promise.all(Array.from({ length: 12 }, () => withFileLock(mark, undefined, work)))
})

test('a mark that is kept fresh counts, whatever the clock of the machine that looks says', async () => {
  const mark = join(temporaryFolder(), '.mark')
  let release: () => void = () => undefined
  const held = new Promise<void>(done => {
    release = done
  })
  const first = withFileLock(mark, undefined, () => held)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  try {
    const second = withFileLock(mark, AbortSignal.timeout(500), async () => 'taken')
    await expect(second).rejects.toMatchObject({ name: 'AbortError' })
  } finally {
    vi.useRealTimers()
    release()
    await first
  }
})

test('of a living process: waited for, or the fault of who would not wait; of a dead one on this machine it does not count', async () => {
  const mark = join(temporaryFolder(), '.mark')
  const work = async () => 'done'
  mkdirSync(mark)
  writeFileSync(join(mark, 'beat'), `${process.pid} ${thisHost}`)
  const busy = (pid: number) => new Error(`held by ${pid}`)
  await expect(withFileLock(mark, undefined, work, busy)).rejects.toThrow(`held by ${process.pid}`)
  writeFileSync(join(mark, 'beat'), `999999999 ${thisHost}`)
  expect(await withFileLock(mark, undefined, work, busy)).toBe('done')
  mkdirSync(mark)
  writeFileSync(join(mark, 'beat'), '999999999 another machine')
  await expect(withFileLock(mark, undefined, work, busy)).rejects.toThrow('held by 999999999')
})

test('waiting ends when it is no longer wanted', async () => {
  const mark = join(temporaryFolder(), '.mark')
  mkdirSync(mark)
  const waiting = withFileLock(mark, AbortSignal.timeout(50), async () => 'done')
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})
