// A spec, and what an experiment is opened with, for tests: the bundled tokenizer, data of the test's own.
import { resolve } from 'node:path'
import { type RunSpec, type RunSpecInput, runSpecSchema } from '../../src-worker/contract/run-spec'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { laidOver } from '../../src-worker/shared/plain-object'
import type { ExperimentContext } from '../../src-worker/stream/source'
import { openModelFolder } from '../../src-worker/weights/model-folder'

export const resources = resolve(__dirname, '../../resources')

export const specOf = (over: RunSpecInput): RunSpec =>
  runSpecSchema.parse(
    laidOver(
      {
        experiment: { kind: 'autoregressive' },
        model: 'workbench-demo-base',
        data: { path: 'demo' },
        prompt: { type: 'direct', tokens: 3, init: { kind: 'zero' } },
        start: { kind: 'random' },
        training: { steps: 4, lanes: 4, accumulation: 2, length: 24 },
      },
      over,
    ),
  )

export async function contextOf(
  over: RunSpecInput,
  more: Partial<ExperimentContext> = {},
): Promise<ExperimentContext> {
  const spec = specOf(over)
  const folder = resolve(resources, 'models', spec.model)
  const [model, tokenizer] = [await openModelFolder(folder), await openTokenizer(folder)]
  return { spec, model, tokenizer, home: '/nonexistent', resources, threads: 0, ...more }
}
