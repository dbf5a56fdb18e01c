// One piece of work in a process of its own, so that its peak memory is its own. A job comes as the first line of
// stdin; every further line `go` is answered by one measurement, `end` by the peak memory.

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { ortRuntime } from '../src-worker/session/ort'
import { openCeiling } from './ceiling'
import { openDemo } from './demo'
import { openLoss } from './loss'
import type { Figures, Opened } from './opened'
import { openGenerate, openScore } from './sampling'
import { openTraining } from './training'
import type { Work } from './works'

export interface Job {
  readonly side: 'workbench' | 'ceiling'
  readonly work: Work
  /** folder of the model */
  readonly folder: string
  /** of onnxruntime or torch; 0: all cores */
  readonly threads: number
}

/** Most memory that this process ever held, in bytes. */
const peakBytes = (): number =>
  1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0)

function open({ side, work, folder, threads }: Job): Promise<Opened> {
  const runtime = ortRuntime(threads > 0 ? { threads } : {})
  if (side === 'ceiling') return openCeiling(work, folder, runtime)
  switch (work.kind) {
    case 'train':
      return openTraining(work, folder, runtime)
    case 'generate':
      return openGenerate(work, folder, runtime)
    case 'score':
      return openScore(work, folder, runtime)
    case 'loss':
      return openLoss(work, folder, runtime)
    case 'demo':
      return openDemo(runtime)
  }
}

/** A measurement with the time of all processors that it took, of one step where it took several. */
async function withProcessorTime(measure: () => Promise<Figures>): Promise<Figures> {
  const before = process.cpuUsage()
  const measured = await measure()
  const { user, system } = process.cpuUsage(before)
  return { ...measured, cpuMs: (user + system) / 1000 / (measured.steps ?? 1) }
}

export async function runChild(): Promise<void> {
  const say = (answer: Figures): void => {
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  let job: Opened | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    if (job === undefined) {
      job = await open(JSON.parse(line) as Job)
      say(job.opened)
    } else if (line === 'go') say(await withProcessorTime(job.measure))
    else {
      say({ peakBytes: peakBytes() })
      await job.release()
      process.exit(0)
    }
  }
  // who asked has ended
  process.exit(0)
}
