// The command line as a process of its own, for tests: bundled once, run with a home of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { bundle } from '../setup/bundle.mjs'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Started {
  readonly child: ChildProcess
  /** everything said so far, on both channels */
  said(): string
  readonly ended: Promise<Said>
}

const entry = resolve(import.meta.dirname, '../../src-worker/cli.ts')

/** Starts `spw` with these arguments; `ended` is the exit code, 1 when a signal ended it. */
export async function start(home: string, ...args: string[]): Promise<Started> {
  const env = { ...process.env, SPW_HOME: home }
  const child = spawn(process.execPath, [await bundle(entry), ...args], { env })
  const said = { out: '', err: '' }
  child.stdout.on('data', chunk => (said.out += chunk))
  child.stderr.on('data', chunk => (said.err += chunk))
  const ended = new Promise<Said>(done =>
    child.once('close', code => done({ code: code ?? 1, ...said })),
  )
  return { child, said: () => said.out + said.err, ended }
}

export const spw = async (home: string, ...args: string[]): Promise<Said> =>
  (await start(home, ...args)).ended
