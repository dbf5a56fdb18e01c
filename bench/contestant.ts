// The other end of child.ts and peers/protocol.py: a process that is asked for one measurement at a time.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Job } from './child'
import type { Figures } from './opened'
import type { TrainPeer } from './works'

export type Side = Job['side'] | TrainPeer | 'transformers'

export interface Contestant {
  readonly side: Side
  readonly opened: Figures
  measure(): Promise<Figures>
  /** ends the process; its peak memory */
  end(): Promise<Figures>
}

const running = new Set<ChildProcessWithoutNullStreams>()
process.once('exit', () => {
  for (const child of running) child.kill()
})

/** @param command program and arguments @throws what the process said last when it ends before it answers */
export async function startContestant(
  command: readonly string[],
  side: Side,
  job: Omit<Job, 'side'>,
): Promise<Contestant> {
  const [program, ...args] = command
  const child = spawn(program!, args, { stdio: 'pipe' })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const ask = asking(child)
  const opened = await ask(JSON.stringify({ side, ...job }))
  return { side, opened, measure: () => ask('go'), end: () => ask('end') }
}

function asking(child: ChildProcessWithoutNullStreams): (line: string) => Promise<Figures> {
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000)
  })
  const ended = new Promise<never>((_, reject) => {
    child.on('exit', code => {
      reject(new Error(`it ended with ${code}: ${errors.trim()}`))
    })
  })
  ended.catch(() => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<Figures> => {
    for (;;) {
      const { value } = await lines.next()
      if (value === undefined) return ended
      // whatever else a library prints is not for us
      if (value.startsWith('{')) return JSON.parse(value) as Figures
    }
  }
  return line => {
    child.stdin.write(`${line}\n`)
    return answer()
  }
}
