import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  foreignDeadAfter,
  foreignHost,
  isAlive,
  newLease,
  processStart,
} from '../../src-worker/train/lease'
import { ageOf } from '../../src-worker/weights/file-age'
import { temporaryFolder } from '../temporary'

const nobody: ReadonlySet<string> = new Set()
const never = (): number => {
  throw new Error('the file of an owner on this machine was looked at')
}

describe('a lease', () => {
  test('of an engine of this process lives as long as the engine is known', () => {
    const old = { ...newLease('me'), heartbeat: 0 }
    expect(isAlive(old, new Set(['me']), never)).toBe(true)
    expect(isAlive(old, nobody, never)).toBe(false)
  })

  test('of a dead engine is not kept alive by a clock that was set back', () => {
    const future = { ...newLease('me'), heartbeat: Date.now() + 3_600_000 }
    expect(isAlive(future, nobody, never)).toBe(false)
  })

  test('of another process dies with it', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    await once(child, 'spawn')
    const pid = child.pid as number
    const lease = {
      owner: 'other',
      pid,
      processStart: processStart(pid),
      heartbeat: Date.now(),
      host: '',
    }
    expect(isAlive(lease, nobody, never)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(lease, nobody, never)).toBe(false)
  })

  test.runIf(process.platform === 'linux')(
    'is not inherited by a process that reuses the pid',
    () => {
      const lease = {
        owner: 'other',
        pid: process.ppid,
        processStart: '1',
        heartbeat: Date.now(),
        host: '',
      }
      expect(isAlive(lease, nobody, never)).toBe(false)
      expect(isAlive({ ...lease, processStart: processStart(process.ppid) }, nobody, never)).toBe(
        true,
      )
    },
  )

  test('of another machine lives as long as its file is fresh, whatever the process table says', () => {
    const own = newLease('other')
    const theirs = { ...own, host: 'two boot namespace', pid: 2 ** 22 + 1, heartbeat: 0 }
    expect(foreignHost(own)).toBe('')
    expect(foreignHost(theirs)).toBe('two')
    expect(isAlive(theirs, nobody, () => foreignDeadAfter - 1)).toBe(true)
    expect(isAlive(theirs, nobody, () => foreignDeadAfter + 1)).toBe(false)
    // the same pid in a container of this machine is another process
    const container = { ...own, host: own.host.replace(/pid:.*/, 'pid:[1]') }
    expect(isAlive(container, nobody, () => foreignDeadAfter + 1)).toBe(false)
  })

  test('is as old as the file system says, not as the clock of this machine', async () => {
    const path = join(temporaryFolder(), 'state.json')
    await writeFile(path, '{}')
    expect(Math.abs(ageOf(path))).toBeLessThan(2000)
    const hourAgo = new Date(Date.now() - 3_600_000)
    await utimes(path, hourAgo, hourAgo)
    expect(ageOf(path) / 3_600_000).toBeCloseTo(1, 2)
    expect(await readdir(dirname(path))).toEqual(['state.json'])
  })
})
