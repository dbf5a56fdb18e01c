// A bundle copied through a real sshd, to a machine on which nothing lies yet, and started there.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { copyBundle } from '../../src-worker/machines/copy-bundle'
import { openRemoteEngine } from '../../src-worker/machines/remote-engine'
import { bundleName, machineOf } from '../../src-worker/machines/ssh'
import { temporaryFolder } from '../temporary'
import { missingSshd, type Sshd, startSshd } from './sshd'

const why = missingSshd()
if (why !== '') console.log(`A bundle is not copied over ssh: ${why}.`)

const version = '9.9.9'
const name = bundleName(version)

/** An archive whose spw greets as an engine of this version, and says nothing more. */
function archive(folder: string): string {
  mkdirSync(join(folder, name))
  const spw = `#!/bin/sh\necho spw-engine ${version}\nexec cat >/dev/null\n`
  writeFileSync(join(folder, name, 'spw'), spw, { mode: 0o755 })
  const file = join(folder, `${name}.tar.zst`)
  execFileSync('tar', ['-C', folder, '--zstd', '-cf', file, name])
  return file
}

describe.skipIf(why !== '')('a bundle', () => {
  let sshd: Sshd
  let data = ''
  beforeEach(async () => {
    data = temporaryFolder()
    sshd = await startSshd({ XDG_DATA_HOME: data })
    for (const [key, value] of Object.entries(sshd.env)) vi.stubEnv(key, value)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await sshd.close()
  })
  const there = (): string => join(data, 'soft-prompt-workbench/bundles')
  const connect = () => openRemoteEngine(machineOf(sshd.host), version, { events: () => undefined })

  test('is unpacked there, and the next connection uses it', async () => {
    await expect(connect()).rejects.toMatchObject({ code: 'not-found' })
    const shares: number[] = []
    const file = archive(temporaryFolder())
    for (let times = 0; times < 2; times++) {
      const path = await copyBundle(machineOf(sshd.host), file, version, f => shares.push(f))
      expect(path).toBe(join(there(), name, 'spw'))
    }
    expect(shares.at(-1)).toBe(1)
    expect(readdirSync(there())).toEqual([name])
    const engine = await connect()
    engine.close()
    expect((await engine.lost).code).toBe('network')
  })

  test('that is cut in the middle leaves nothing to start', async () => {
    const folder = temporaryFolder()
    archive(folder)
    const file = join(folder, 'other.tar.zst')
    writeFileSync(file, 'no archive at all')
    const copying = copyBundle(machineOf(sshd.host), file, version, () => undefined)
    await expect(copying).rejects.toThrow()
    expect(existsSync(join(there(), name))).toBe(false)
    expect(readdirSync(there())).toEqual([])
  })
})
