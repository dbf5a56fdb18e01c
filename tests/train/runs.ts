// Runs on the tiny models, for tests: small data written here, everything else as in real life.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeEvents } from '../../src-worker/analysis/run-events'
import type { RunState } from '../../src-worker/contract/run'
import type { RunSpec, RunSpecInput } from '../../src-worker/contract/run-spec'
import { laidOver } from '../../src-worker/shared/plain-object'
import { resolveSpec } from '../../src-worker/spec/resolve'
import type { StopRequest } from '../../src-worker/train/control'
import { executeRun } from '../../src-worker/train/execute'
import type { RunUpdate } from '../../src-worker/train/job'
import { newOwner } from '../../src-worker/train/lease'
import { runFiles } from '../../src-worker/train/run-folder'
import { referencePath } from '../reference-path'

export const resources = resolve(import.meta.dirname, '../../resources')

const words = 'the of and to in a was it that he his had with as for on at be by him'.split(' ')

/** Documents that differ, so that a content hash spreads them. */
export function writeTexts(folder: string, documents = 120): string {
  const path = join(folder, 'texts.jsonl')
  const text = (i: number): string =>
    Array.from({ length: 40 }, (_, k) => words[(i * 7 + k * k * 3) % words.length]).join(' ')
  const lines = Array.from({ length: documents }, (_, i) =>
    JSON.stringify({ text: `${i} ${text(i)}` }),
  )
  writeFileSync(path, lines.join('\n'))
  return path
}

export function tinySpec(data: string, changes: RunSpecInput = {}): RunSpec {
  const base: RunSpecInput = {
    experiment: { kind: 'autoregressive' },
    model: referencePath('models/tiny-neox'),
    data: { path: data, holdout: 0.2 },
    prompt: { type: 'direct', tokens: 3, init: { kind: 'vocabulary' } },
    start: { kind: 'random' },
    optimizer: { learningRate: 0.02 },
    training: {
      steps: 24,
      lanes: 4,
      accumulation: 2,
      length: 24,
      testEvery: 8,
      checkpointEvery: 8,
      finalTestBatches: 2,
    },
    results: { prompts: 3, maxTokens: 5, metricSamples: 4 },
    device: 'cpu',
    seed: 5,
  }
  return resolveSpec(laidOver(base, changes) as RunSpecInput)
}

export interface Ran {
  readonly state: RunState
  readonly updates: readonly RunUpdate[]
}

/** Executes a run; `until` may request a stop after any update. */
export async function runToEnd(
  folder: string,
  home: string,
  until: (update: RunUpdate) => StopRequest = () => 'go',
): Promise<Ran> {
  let stopRequest: StopRequest = 'go'
  let state: RunState = { kind: 'interrupted' }
  const updates: RunUpdate[] = []
  const host = {
    home,
    resources,
    owner: newOwner(),
    threads: 1,
    stopRequest: () => stopRequest,
    writeEvents,
  }
  for await (const update of executeRun(folder, host)) {
    updates.push(update)
    if (update.kind === 'state') state = update.state
    if (until(update) !== 'go') stopRequest = until(update)
  }
  return { state, updates }
}

/** Bytes of the trained prompt and its moments: equal hashes mean equal bits. */
export function tensorHash(path: string): string {
  const bytes = readFileSync(path)
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  return createHash('sha256').update(bytes.subarray(start)).digest('hex')
}

/** Scalars that do not depend on the clock. */
export function losses(folder: string): [number, string, unknown][] {
  const timeless = [
    'Loss',
    'Gradient norm',
    'Test Loss',
    'Trained token count',
    'Final Test Loss Average',
  ]
  return readFileSync(runFiles(folder).metrics, 'utf8')
    .split('\n')
    .filter(l => l !== '')
    .flatMap(l => {
      const { step, values } = JSON.parse(l) as { step: number; values: Record<string, unknown> }
      return Object.entries(values)
        .filter(([tag]) => timeless.includes(tag))
        .map(([tag, value]): [number, string, unknown] => [step, tag, value])
    })
}
