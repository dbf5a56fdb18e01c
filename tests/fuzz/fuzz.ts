// Seeded damage to sound files, through every reader. A case fails when its process dies, computes for 10 s or waits for
// 2 minutes without an answer (so that a loaded machine fails nothing), grows beyond 1 GB, throws something that is no
// Fault, or leaves a promise that nobody waits for.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Order, Report } from './child'
import childFile from './child?modulePath'

export interface Failure {
  readonly reader: string
  readonly seed: number
  readonly index: number
  readonly what: string
}
export interface Fuzzed {
  readonly cases: number
  readonly read: number
  readonly refused: number
  readonly readers: Readonly<Record<string, number>>
  readonly failures: readonly Failure[]
  readonly seconds: number
}
export interface FuzzOptions {
  readonly seconds: number
  readonly seed: number
  /** readers whose names hold this */
  readonly only?: string
  readonly say?: (line: string) => void
}

/** s of processor time, and s on the clock, that a case may take */
const [computing, waiting] = [10, 120]
const largest = 1e9
const [inARow, slowInARow] = [200, 2]

interface Child {
  readonly process: ChildProcess
  readonly names: readonly string[]
  readonly slow: readonly boolean[]
}

async function begin(folder: string): Promise<Child> {
  const child = fork(childFile, [folder], {
    execArgv: ['--max-old-space-size=900'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let printed = ''
  child.stderr?.on('data', text => {
    printed = (printed + text).slice(-2000)
  })
  return new Promise((resolve, reject) => {
    const died = (code: number | null): void =>
      reject(new Error(`the readers do not start (${code}): ${printed}`))
    child.once('message', (ready: Report) => {
      child.removeListener('exit', died)
      if (ready.kind === 'ready') resolve({ process: child, names: ready.names, slow: ready.slow })
      else reject(new Error(`the readers do not start: ${JSON.stringify(ready)}`))
    })
    child.once('exit', died)
  })
}

interface Batch {
  /** cases that were begun */
  readonly begun: number
  readonly read: number
  readonly refused: number
  readonly found: readonly { readonly index: number; readonly what: string }[]
  /** the child is gone or was killed */
  readonly ended: boolean
}

/** s of processor time that a process has used; 0 where no file tells it: there the clock counts */
function usedBy(pid: number | undefined): number {
  try {
    // proc(5): after the name, in parentheses, utime and stime are the 12th and the 13th, in 1/100 s
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}

/** One order, until it is done, the process dies, or a case takes too long. */
function runBatch({ process: child }: Child, order: Order): Promise<Batch> {
  return new Promise(resolve => {
    const found: { index: number; what: string }[] = []
    let last = order.from - 1
    let begun = { used: usedBy(child.pid), at: performance.now() }
    const end = (read: number, refused: number, ended: boolean): void => {
      clearInterval(timer)
      child.removeListener('message', heard)
      child.removeListener('exit', died)
      resolve({ begun: last - order.from + 1, read, refused, found, ended })
    }
    const timer = setInterval(() => {
      const used = usedBy(child.pid) - begun.used
      const waited = (performance.now() - begun.at) / 1000
      if (used < computing && waited < waiting) return
      found.push({ index: last, what: `no answer: ${used} s of computing, ${waited} s in all` })
      end(0, 0, true)
      child.kill('SIGKILL')
    }, 1000)
    const heard = (report: Report): void => {
      if (report.kind === 'begins') {
        last = report.index
        begun = { used: usedBy(child.pid), at: performance.now() }
      } else if (report.kind === 'found') found.push(report)
      else if (report.kind === 'done') {
        if (report.bytes > largest)
          found.push({ index: last, what: `${Math.round(report.bytes / 1e6)} MB at or before it` })
        end(report.read, report.refused, false)
      }
    }
    const died = (code: number | null, signal: string | null): void => {
      found.push({ index: last, what: `the process died: ${signal ?? code}` })
      end(0, 0, true)
    }
    child.on('message', heard)
    child.once('exit', died)
    child.send(order)
  })
}

export async function fuzz(options: FuzzOptions): Promise<Fuzzed> {
  const { seconds, seed, only = '', say = () => undefined } = options
  const folder = mkdtempSync(join(tmpdir(), 'spw-fuzz-'))
  const start = performance.now()
  const passed = (): number => (performance.now() - start) / 1000
  const [failures, readers] = [[] as Failure[], {} as Record<string, number>]
  const total = { cases: 0, read: 0, refused: 0 }
  let generation = 0
  const fresh = (): Promise<Child> => begin(join(folder, String(generation++)))
  let child = await fresh()
  try {
    const chosen = child.names.flatMap((name, reader) =>
      name.includes(only) ? [{ name, reader }] : [],
    )
    for (let round = 0; passed() < seconds && chosen.length > 0; round++)
      for (const { name, reader } of chosen) {
        if (passed() >= seconds && round > 0) break
        const count = child.slow[reader] === true ? slowInARow : inARow
        const from = round * count
        const batch = await runBatch(child, { reader, seed, from, to: from + count })
        total.cases += batch.begun
        total.read += batch.read
        total.refused += batch.refused
        readers[name] = (readers[name] ?? 0) + batch.begun
        for (const { index, what } of batch.found) {
          failures.push({ reader: name, seed, index, what })
          say(`${name}, seed ${seed}, case ${index}: ${what}`)
        }
        if (batch.ended) child = await fresh()
      }
    return { ...total, readers, failures, seconds: passed() }
  } finally {
    child.process.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
