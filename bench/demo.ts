// The bundled model and text, from the data to the optimizer step, as `spw train` does it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { tags } from '../src-worker/contract/metrics'
import { openTokenizer } from '../src-worker/dataset/tokenizer'
import { openSampler } from '../src-worker/sample/prompted'
import type { Runtime } from '../src-worker/session/runtime'
import { resolveSpec } from '../src-worker/spec/resolve'
import { train } from '../src-worker/train/loop'
import { memoryOf } from '../src-worker/train/memory'
import { firstParameters, prepare } from '../src-worker/train/prepare'
import { initialState } from '../src-worker/train/state'
import { openTrainer } from '../src-worker/train/trainer'
import { openModelFolder } from '../src-worker/weights/model-folder'
import type { Opened } from './opened'
import { demoModel } from './sampling'

const spec = () =>
  resolveSpec({
    experiment: { kind: 'autoregressive' },
    model: demoModel,
    data: { path: 'demo' },
    prompt: { type: 'direct', tokens: 16, init: { kind: 'vocabulary' } },
    start: { kind: 'random' },
    training: { steps: 1e6, lanes: 16, length: 128, testEvery: 0, checkpointEvery: 0 },
    device: 'cpu',
  })

/** Milliseconds until the bundled model could write its first token. */
async function openingMs(runtime: Runtime): Promise<number> {
  const tokenizer = await openTokenizer(demoModel)
  const began = performance.now()
  const folder = await openModelFolder(demoModel)
  const sampler = await openSampler({ runtime, folder, tokenizer })
  const ms = performance.now() - began
  await sampler.release()
  return ms
}

export async function openDemo(runtime: Runtime): Promise<Opened> {
  const opening = await openingMs(runtime)
  const home = mkdtempSync(join(tmpdir(), 'spw-bench-home-'))
  const prepared = await prepare(spec(), {
    home,
    resources: resolve('resources'),
    onProgress: () => undefined,
  })
  const { spec: resolved, model, shape, data } = prepared
  const trainer = await openTrainer({
    runtime,
    model,
    shape,
    optimizer: resolved.optimizer,
    mode: 'weighted',
  })
  const state = initialState(await firstParameters(prepared))
  const stream = data.train()
  const multiStep = train(resolved, trainer, stream, {
    state,
    tokens: 0,
    seconds: 0,
    stream: undefined,
  })
  const measure = async () => {
    const began = performance.now()
    const { value } = await multiStep.next()
    if (value === undefined) throw new Error('the data are used up')
    const { lines } = value
    const { values } = lines.at(-1)!
    return {
      ms: (performance.now() - began) / lines.length,
      steps: lines.length,
      perSecond: Number(values[tags.tokensPerSecond]),
      waitPercent: 100 * Number(values[tags.dataWait]),
    }
  }
  for (let i = 0; i < 3; i++) await measure()
  return {
    opened: { openingMs: opening, plannedBytes: memoryOf(resolved, model).totalBytes },
    measure,
    release: async () => {
      await trainer.release()
      await stream.close()
      await data.close()
      rmSync(home, { recursive: true })
    },
  }
}
