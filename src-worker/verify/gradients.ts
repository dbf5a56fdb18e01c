// reference/gradients: loss, loss of every token, and gradient of the prompt of whole models, against float64.
import { join } from 'node:path'
import type { ModelFolder } from '../contract/model'
import type { PromptShape } from '../contract/snapshot'
import type { Runtime } from '../session/runtime'
import { openTrainer, type Trainer } from '../train/trainer'
import { openModelFolder } from '../weights/model-folder'
import { compared, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import { type Golden, largestDifference, openGolden, readJson, relativeError } from './golden'
import { promptedBatch } from './prompted-batch'

const check = 'gradients'
const models = ['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'tiny-llama-tied']

interface GradientCase {
  readonly case: string
  readonly P: number
  readonly B: number
  readonly T: number
}

/** Relative error of float32 on the CPU: loss, loss of a token (absolute), gradient. */
const limits = { loss: 2e-6, token: 1e-4, gradient: 3e-5 }

export async function* verifyGradients(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const device = await deviceOf(context)
  for (const name of models) {
    const model = await openModelFolder(join(context.models, name))
    const folder = join(context.reference, 'gradients')
    const { cases } = await readJson<{ cases: readonly GradientCase[] }>(folder, `${name}.json`)
    const golden = await openGolden(folder, `${name}.safetensors`)
    for (const tokens of new Set(cases.map(c => c.P))) {
      const width = model.config.hiddenSize
      const trainer = await openFor(device.runtime, model, { type: 'direct', tokens, width })
      const setting = { device, trainer, width, name, golden }
      try {
        for (const c of cases) if (c.P === tokens) yield* gradientCase(setting, c)
      } finally {
        await trainer.release()
      }
    }
  }
}

interface Setting {
  readonly device: VerifyDevice
  readonly trainer: Trainer
  readonly width: number
  readonly name: string
  readonly golden: Golden
}

const openFor = (runtime: Runtime, model: ModelFolder, shape: PromptShape) =>
  openTrainer({
    runtime,
    model,
    shape,
    optimizer: { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, clipNorm: 0 },
    mode: 'weighted',
  })

async function* gradientCase(
  { device, trainer, width, name, golden }: Setting,
  c: GradientCase,
): AsyncGenerator<VerifyCase, void> {
  const of = (field: string): string => `${c.case}.${field}`
  const labels = await golden.integers(of('labels'))
  const lanes = {
    lanes: c.B,
    tokens: c.T,
    ids: await golden.integers(of('token_ids')),
    starts: await golden.integers(of('start_indices')),
    labels,
    conditions: new Float32Array(0),
  }
  const batch = promptedBatch(lanes, c.P)
  const perToken = await golden.doubles(of('per_token_loss'))
  const expected = Array.from(batch.rows, row => perToken[row + 1]!)
  const loss = (await golden.doubles(of('loss')))[0]!
  const title = `${name} ${c.case}`
  const embedding = c.P === 0 ? new Float32Array(0) : await golden.floats(of('soft_prompt'))
  const parameters = new Map([['embedding', { shape: [c.P, width], data: embedding }]])
  const evaluated = await trainer.evaluate(parameters, batch)
  const { slack } = device
  const tokenError = largestDifference(evaluated.nll, expected)
  yield compared(check, `${title} tokens`, tokenError, limits.token * slack)
  const lossError = Math.abs(evaluated.loss - loss) / loss
  yield compared(check, `${title} evaluated loss`, lossError, limits.loss * slack)
  if (c.P === 0) return
  const found = await trainer.gradient(parameters, batch)
  const trainedError = Math.abs(found.loss - loss) / loss
  yield compared(check, `${title} loss`, trainedError, limits.loss * slack)
  const gradient = found.gradients.get('embedding')!.data
  const gradientError = relativeError(gradient, await golden.doubles(of('soft_prompt_grad')))
  yield compared(check, `${title} gradient`, gradientError, limits.gradient * slack)
}
