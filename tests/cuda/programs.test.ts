// onnxruntime's CUDA provider on a CUDA that counts: every family, kind of soft prompt and precision opens and runs with
// what `spw gpu install` installs (no cuDNN), and nothing of a step comes back to the host before its run call ends.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Precision } from '../../src-worker/contract/run-spec'
import type { PromptType } from '../../src-worker/contract/snapshot'
import { referencePath } from '../reference-path'
import { type CountingCuda, countingCuda, reasonAgainst } from './counting-cuda'
import type { CountJob, SampleJob, TrainJob } from './jobs'
import { type Counted, runJobs } from './run-jobs'

const families = readdirSync(referencePath('reference/families/models'))
const tinyNeox = referencePath('models/tiny-neox')
const precisions: readonly Precision[] = ['float32', 'bfloat16', 'float16']
const types: readonly PromptType[] = ['linear', 'mlp', 'resnet', 'shared-resnet', 'subspace']

const training = (name: string, model: string, more: Partial<TrainJob> = {}): TrainJob => ({
  ...{
    kind: 'train',
    name,
    model,
    precision: 'float32',
    type: 'direct',
    accumulation: 1,
    merged: 1,
  },
  ...{ lanes: 2, slots: 24, prompt: 4, anywhere: false, steps: 0, recompute: false },
  ...{ evaluate: true, details: false },
  ...more,
})
const writing = (name: string, model: string): SampleJob => ({
  ...{ kind: 'sample', name: `${name} writes`, model },
  ...{ lanes: 2, slots: 24, prompt: 4, tokens: 6 },
})

// one precision of each model by turns, and one model of each family writes; SPW_CUDA_ALL=1: all of them
const all = process.env.SPW_CUDA_ALL === '1'
const familyOf = (folder: string): string => folder.split(/[-_]/)[0]!
const jobs: readonly CountJob[] = [
  ...families.flatMap((name, i) => {
    const model = referencePath('reference/families/models', name)
    const first = families.findIndex(other => familyOf(other) === familyOf(name)) === i
    return [
      ...precisions
        .filter((_, p) => all || p === i % precisions.length)
        .map(precision => training(`${name} ${precision}`, model, { precision })),
      ...(all || first ? [writing(name, model)] : []),
    ]
  }),
  ...types.flatMap((type, i) =>
    [...precisions, 'tf32' as const]
      .filter((_, p) => all || p === i % precisions.length)
      .map(precision => training(`${type} ${precision}`, tinyNeox, { type, precision })),
  ),
  training('in blocks, computed again', tinyNeox, { slots: 400, recompute: true }),
]

const reason = reasonAgainst()
if (reason !== undefined) console.log(`The counting CUDA is skipped: ${reason}`)

describe.skipIf(reason !== undefined)('on a CUDA that counts', () => {
  const home = mkdtempSync(join(tmpdir(), 'spw-cuda-'))
  let found: ReadonlyMap<string, Counted>
  let absent: string | undefined

  beforeAll(async () => {
    let cuda: CountingCuda
    try {
      cuda = await countingCuda(home)
    } catch (error) {
      absent = `onnxruntime's CUDA provider is not to be had: ${(error as Error).message}`
      console.log(`The counting CUDA is skipped: ${absent}`)
      return
    }
    const parts = [0, 1].map(part => jobs.filter((_, i) => i % 2 === part))
    const both = await Promise.all(parts.map(part => runJobs(cuda, part)))
    found = new Map(both.flat().map(each => [each.name, each]))
  }, 600_000)

  afterAll(() => rmSync(home, { recursive: true, force: true }))

  // where there can be none, one test is skipped and says why
  test.for(reason === undefined ? jobs.map(({ name }) => name) : [reason])(
    '%s',
    (name, { skip }) => {
      if (absent !== undefined) skip(absent)
      const each = found.get(name)!
      expect(each.failed).toBeUndefined()
      expect(each.unexpected).toEqual([])
      // nodes around a loop copy once a run call, nodes in its body at every step
      expect(each.copies.inside, each.copies.values.join(', ')).toBe(0)
      expect(each.step.launches).toBeGreaterThan(0)
      if (name.endsWith('writes')) return
      expect({ toHost: each.step.toHost, waits: each.step.waits }).toEqual({ toHost: 0, waits: 0 })
    },
  )
})
