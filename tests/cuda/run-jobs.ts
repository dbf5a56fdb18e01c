// Jobs in a process of its own, whose peak memory and log are its own.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Copies, copiesIn } from '../../src-worker/session/copies'
import { bundle } from '../setup/bundle.mjs'
import type { CountingCuda } from './counting-cuda'
import type { CountJob, Found } from './jobs'

export interface Counted extends Found {
  /** Memcpy nodes, out of onnxruntime's log */
  readonly copies: Copies
}

/** Each job's findings, in order. Fails with the end of the log when the process ends early. */
export async function runJobs(
  cuda: CountingCuda,
  jobs: readonly CountJob[],
  env: NodeJS.ProcessEnv = {},
): Promise<readonly Counted[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spw-counts-'))
  try {
    const file = join(folder, 'jobs.json')
    writeFileSync(file, JSON.stringify(jobs))
    const program = await bundle(resolve('tests/cuda/job-process.ts'))
    const { stdout, stderr } = await output(program, file, cuda.env(join(folder, 'counts'), env))
    const found = stdout
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as Found)
    if (found.length < jobs.length) throw new Error(`ended early: ${stderr.slice(-2000)}`)
    const logs = stderr.split(/^## .*$/m).slice(1)
    return found.map((each, i) => {
      const copies = copiesIn(logs[i]!) ?? { inside: 0, outside: 0, values: [] }
      return { ...each, copies }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function output(program: string, file: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ stdout: string; stderr: string }>((done, failed) => {
    const child = spawn(process.execPath, [program, file], { env })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', data => {
      stdout += data
    })
    child.stderr.on('data', data => {
      stderr += data
    })
    child.on('error', failed)
    child.on('close', () => done({ stdout, stderr }))
  })
}
