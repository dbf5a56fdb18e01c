import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { isAlive, newLease, processStart } from '../../src-worker/train/lease'

const nobody: ReadonlySet<string> = new Set()

describe('a lease', () => {
  test('of an engine of this process lives as long as the engine is known', () => {
    const old = { ...newLease('me'), heartbeat: 0 }
    expect(isAlive(old, new Set(['me']))).toBe(true)
    expect(isAlive(old, nobody)).toBe(false)
  })

  test('of a dead engine is not kept alive by a clock that was set back', () => {
    const future = { ...newLease('me'), heartbeat: Date.now() + 3_600_000 }
    expect(isAlive(future, nobody)).toBe(false)
  })

  test('of another process dies with it', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    await once(child, 'spawn')
    const pid = child.pid as number
    const lease = { owner: 'other', pid, processStart: processStart(pid), heartbeat: Date.now() }
    expect(isAlive(lease, nobody)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(lease, nobody)).toBe(false)
  })

  test.runIf(process.platform === 'linux')(
    'is not inherited by a process that reuses the pid',
    () => {
      const lease = { owner: 'other', pid: process.ppid, processStart: '1', heartbeat: Date.now() }
      expect(isAlive(lease, nobody)).toBe(false)
      expect(isAlive({ ...lease, processStart: processStart(process.ppid) }, nobody)).toBe(true)
    },
  )
})
