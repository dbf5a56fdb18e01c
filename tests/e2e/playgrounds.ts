// What the end-to-end tests of the playgrounds share: a small trained run with three checkpoints,
// and the command line
// beside the window.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SnapshotEntry } from '../../src-worker/contract/library'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { type App, ask, root } from './harness'
import { demoSpec, startRun, untilState } from './runs'

export type Kind = 'autoregressive' | 'chess' | 'pathfinding'

const run = promisify(execFile)

/** The same engine by its command line, on the home of the window. @returns its JSON */
export async function spw<T>({ home }: App, ...args: string[]): Promise<T> {
  const cli = join(root, 'out/main/cli.js')
  const { stdout } = await run(process.execPath, [cli, ...args, '--json'], {
    env: { ...process.env, SPW_HOME: home },
    maxBuffer: 1 << 26,
  })
  return JSON.parse(stdout) as T
}

const specOf = (kind: Kind): RunSpecInput => ({
  ...demoSpec(6),
  experiment: { kind },
  ...(kind !== 'autoregressive' && { data: { path: kind === 'chess' ? 'demo' : 'procedural' } }),
  // chess and pathfinding keep their own generators; only the length is ours
  prompt: kind === 'autoregressive' ? { ...demoSpec(6).prompt } : { tokens: 4 },
  // a board of 8 × 8 takes 75 tokens
  training: {
    ...demoSpec(6).training,
    length: kind === 'pathfinding' ? 144 : 64,
    checkpointEvery: 2,
  },
})

/** Train six steps and answer with its three stops in time, steps 2, 4 and 6. */
export async function trained(app: App, kind: Kind): Promise<readonly SnapshotEntry[]> {
  const id = await startRun(app.page, specOf(kind))
  await untilState(app.page, id, ['done'], 240_000)
  const all = (await ask(app.page, 'snapshots', {})).filter(s => s.run === id)
  const stops = [2, 4, 6].map(step => {
    const found = all.filter(s => s.step === step)
    return found.find(s => s.kind === 'snapshot') ?? found[0]
  })
  return stops.map((stop, i) => {
    if (stop === undefined) throw new Error(`no checkpoint of step ${2 * i + 2}`)
    return stop
  })
}

/**
 * Open a room with its prompted model; also before the first test of a file, where nothing may be polled.
 */
export async function room(app: App, place: 'text' | 'chess' | 'paths', path: string) {
  await app.page.evaluate(
    hash => {
      const g = globalThis as unknown as { location: { hash: string } }
      g.location.hash = hash
    },
    `#/${place}?snapshot=${encodeURIComponent(path)}`,
  )
  await app.page.getByRole('region', { name: 'Time travel' }).waitFor()
}

export const theme = async (app: App, name: 'dark' | 'light'): Promise<void> => {
  await ask(app.page, 'saveSettings', { ...(await ask(app.page, 'settings', {})), theme: name })
  await app.page.locator(`html[data-theme=${name}]`).waitFor()
}
