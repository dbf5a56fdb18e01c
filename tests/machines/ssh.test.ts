// The engine on another machine, through a real sshd on the loopback address.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json'
import type { RunSummary } from '../../src-worker/contract/run'
import { socketPath } from '../../src-worker/machines/socket'
import { createRun } from '../../src-worker/train/run-folder'
import { bundle } from '../setup/bundle.mjs'
import { temporaryFolder } from '../temporary'
import { losses, runToEnd, tensorHash, tinySpec, writeTexts } from '../train/runs'
import { enginesOf, missingSshd, type Sshd, startSshd } from './sshd'

const why = missingSshd()
if (why !== '') console.log(`The engine over ssh is not tried: ${why}.`)

interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

describe.skipIf(why !== '')('over ssh', () => {
  let sshd: Sshd
  /** SPW_HOME over there, and spw as it lies there */
  let home = ''
  let there = ''

  function begin(...args: string[]): { child: ChildProcess; ended: Promise<Said> } {
    // what runs here knows nothing of the home over there
    const env = { ...process.env, ...sshd.env, SPW_HOME: join(sshd.folder, 'here') }
    const command = ['--on', sshd.host, '--there', there, ...args]
    const child = spawn(process.execPath, [cli, ...command], { env })
    const said = { out: '', err: '' }
    child.stdout.on('data', chunk => (said.out += chunk))
    child.stderr.on('data', chunk => (said.err += chunk))
    const ended = new Promise<Said>(done => child.once('close', code => done({ code, ...said })))
    return { child, ended }
  }
  const spw = (...args: string[]): Promise<Said> => begin(...args).ended
  async function json<T>(...args: string[]): Promise<T> {
    const { code, out, err } = await spw(...args, '--json')
    expect(code, err + out).toBe(0)
    return JSON.parse(out) as T
  }
  const runs = (): Promise<readonly RunSummary[]> => json<RunSummary[]>('runs')
  const engine = (): readonly number[] => enginesOf(cli, home)

  let cli = ''
  beforeAll(async () => {
    cli = await bundle(resolve(import.meta.dirname, '../../src-worker/cli.ts'))
    home = mkdtempSync(join(tmpdir(), 'spw-there-'))
    there = join(home, 'spw')
    sshd = await startSshd({ SPW_HOME: home, SPW_RESOURCES: resolve('resources') })
    // a login that greets, as many do
    const lines = ['echo "Welcome to the cluster."', `exec "${process.execPath}" "${cli}" "$@"`]
    writeFileSync(there, `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o755 })
  })
  afterAll(async () => {
    for (const pid of engine()) process.kill(pid, 'SIGTERM')
    while (engine().length > 0) await sleep(50)
    await sshd.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })

  test('the first command starts an engine there, whose socket only its user can open', async () => {
    expect(await runs()).toEqual([])
    const socket = socketPath(home, packageJson.version)
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    expect(engine()).toHaveLength(1)
    const again = engine()
    expect(await runs()).toEqual([])
    expect(engine()).toEqual(again)
  })

  test('a run whose connection is cut goes on, and ends as one that was never watched: bit for bit', async () => {
    const data = writeTexts(home)
    const spec = tinySpec(data, { training: { steps: 600, checkpointEvery: 100 } })
    const whole = await createRun(temporaryFolder(), spec)
    expect((await runToEnd(whole, temporaryFolder())).state).toEqual({ kind: 'done' })
    const file = join(sshd.folder, 'spec.json')
    writeFileSync(file, JSON.stringify(spec))

    const { ended } = begin('train', '--spec', file)
    const trained = async (): Promise<number> => {
      const [folder] = readdirSync(join(home, 'runs'))
      if (folder === undefined) return 0
      return losses(join(home, 'runs', folder)).length
    }
    await expect.poll(trained, { timeout: 60_000 }).toBeGreaterThan(5)
    sshd.cut()
    const { code, err } = await ended
    expect(code).toBe(1)
    expect(err).toContain('network: the connection to bench was lost')
    expect(err).toContain('What runs there goes on. Look again with `spw --on bench runs`.')
    const atCut = await trained()

    const [seen] = await runs()
    expect(seen?.state.kind).toBe('training')
    for (;;) {
      const [run] = await runs()
      if (run?.state.kind === 'done') break
      expect(['training', 'testing', 'sampling']).toContain(run?.state.kind)
      await sleep(200)
    }
    const [run] = await runs()
    expect(atCut).toBeLessThan(600)
    const last = join('checkpoints', 'step-000600.safetensors')
    expect(tensorHash(join(run?.folder ?? '', last))).toBe(tensorHash(join(whole, last)))
    expect(losses(run?.folder ?? '')).toEqual(losses(whole))
  }, 300_000)
})
