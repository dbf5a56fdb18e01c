// A chess run without a stop, and the same run stopped half way and resumed: their prompts must be equal bit for bit.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { asFault } from '../src-worker/contract/fault'
import type { RunState } from '../src-worker/contract/run'
import { resolveSpec } from '../src-worker/spec/resolve'
import { executeRun } from '../src-worker/train/execute'
import { newOwner } from '../src-worker/train/lease'
import { createRun, runFiles } from '../src-worker/train/run-folder'

async function execute(
  folder: string,
  home: string,
  stopAt: number,
): Promise<RunState | undefined> {
  let state: RunState | undefined
  let step = 0
  const host = {
    ...{ home, resources: resolve('resources'), owner: newOwner(), threads: 0 },
    stopRequest: () => (step >= stopAt ? ('pause' as const) : ('go' as const)),
    writeEvents: async () => undefined,
  }
  for await (const update of executeRun(folder, host)) {
    if (update.kind === 'metrics') step = update.lines.at(-1)?.step ?? step
    if (update.kind === 'state') state = update.state
  }
  return state
}

/** Of the tensors, without the header that names the run. */
function hashOf(folder: string): string {
  const bytes = readFileSync(runFiles(folder).snapshot)
  const tensors = bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))
  return createHash('sha256').update(tensors).digest('hex').slice(0, 16)
}

export async function resumedAlike(home: string, device: string, steps: number) {
  const spec = resolveSpec({
    experiment: { kind: 'chess' },
    model: 'workbench-demo-base',
    data: { path: 'demo' },
    prompt: { type: 'direct', tokens: 16, init: { kind: 'vocabulary' } },
    training: { steps, lanes: 8, length: 128, testEvery: 0, finalTestBatches: 4 },
    results: { prompts: 0, metricSamples: 0 },
    ...{ device, seed: 1 },
  })
  const [whole, halves] = [await createRun(home, spec), await createRun(home, spec)]
  const states = [
    await execute(whole, home, Number.POSITIVE_INFINITY),
    await execute(halves, home, steps / 2),
    await execute(halves, home, Number.POSITIVE_INFINITY),
  ]
  const failed = states.find(state => state?.kind === 'failed')
  if (failed?.kind === 'failed') throw asFault(failed.fault)
  const [a, b] = [hashOf(whole), hashOf(halves)]
  return { ok: a === b, lines: [`without a stop ${a}, resumed at step ${steps / 2} ${b}`] }
}
