// reference/gradients: loss, loss of every token, and gradient of the prompt of whole models, against float64.

import type { ModelFolder } from '../contract/model'
import type { PromptShape } from '../contract/snapshot'
import type { Runtime } from '../session/runtime'
import { openTrainer, type Trainer } from '../train/trainer'
import { measured, part, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import {
  filesOf,
  type Golden,
  largestDifference,
  limitOf,
  modelNamed,
  openGolden,
  readJson,
  relativeError,
} from './golden'
import { promptedBatch } from './prompted-batch'

const check = 'gradients'

interface GradientCase {
  readonly case: string
  readonly P: number
  readonly B: number
  readonly T: number
}

interface GradientFile {
  readonly model?: string
  readonly tensor_file?: string
  readonly float32_deviation?: {
    readonly loss_rel?: number
    readonly grad_rel?: number
    readonly per_token_abs?: number
  }
  readonly cases: readonly GradientCase[]
}

/** Of float32 on the CPU: loss and gradient relative, loss of a token absolute. */
const limits = { loss: 2e-6, token: 1e-4, gradient: 3e-5 }

/** Names of the files gradients/NAME.json, without their ending. Absent: no such folder. */
export async function gradientFiles({ reference }: VerifyContext): Promise<readonly string[]> {
  const files = await filesOf(reference, check)
  return files.filter(file => file.endsWith('.json')).map(file => file.slice(0, -'.json'.length))
}

export const gradientFile = ({ reference }: VerifyContext, name: string): Promise<GradientFile> =>
  readJson(reference, check, `${name}.json`)

export async function* verifyGradients(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const names = await gradientFiles(context)
  const device = await deviceOf(context)
  for (const name of names) yield* part(check, name, modelCases(context, device, name))
}

async function* modelCases(
  context: VerifyContext,
  device: VerifyDevice,
  name: string,
): AsyncGenerator<VerifyCase, void> {
  const file = await gradientFile(context, name)
  const model = await modelNamed(context, file.model ?? name)
  const tensors = file.tensor_file ?? `${name}.safetensors`
  const golden = await openGolden(context.reference, check, tensors)
  const width = model.config.hiddenSize
  for (const tokens of new Set(file.cases.map(c => c.P))) {
    const trainer = await openFor(device.runtime, model, { type: 'direct', tokens, width })
    const setting = { device, trainer, width, name, golden, file }
    try {
      for (const c of file.cases)
        if (c.P === tokens) yield* part(check, `${name} ${c.case}`, gradientCase(setting, c))
    } finally {
      await trainer.release()
    }
  }
}

interface Setting {
  readonly device: VerifyDevice
  readonly trainer: Trainer
  readonly width: number
  readonly name: string
  readonly golden: Golden
  readonly file: GradientFile
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
  { device, trainer, width, name, golden, file }: Setting,
  c: GradientCase,
): AsyncGenerator<VerifyCase, void> {
  const of = (field: string): string => `${c.case}.${field}`
  const lanes = {
    lanes: c.B,
    tokens: c.T,
    ids: await golden.integers(of('token_ids')),
    starts: await golden.integers(of('start_indices')),
    labels: await golden.integers(of('labels')),
    conditions: new Float32Array(0),
  }
  const batch = promptedBatch(lanes, c.P)
  const embedding = c.P === 0 ? new Float32Array(0) : await golden.floats(of('soft_prompt'))
  const parameters = new Map([['embedding', { shape: [c.P, width], data: embedding }]])
  const deviation = file.float32_deviation ?? {}
  const one = (what: string, limit: number, error: () => Promise<number>): Promise<VerifyCase> =>
    measured(check, `${name} ${c.case} ${what}`, limit * device.slack, error)
  const lossLimit = limitOf(limits.loss, deviation.loss_rel)
  const lossError = async (loss: number): Promise<number> => {
    const expected = (await golden.doubles(of('loss')))[0]!
    return Math.abs(loss - expected) / expected
  }
  const evaluated = await trainer.evaluate(parameters, batch)
  yield await one('tokens', limitOf(limits.token, deviation.per_token_abs), async () => {
    const perToken = await golden.doubles(of('per_token_loss'))
    return largestDifference(
      evaluated.nll,
      Array.from(batch.rows, row => perToken[row + 1]!),
    )
  })
  yield await one('evaluated loss', lossLimit, () => lossError(evaluated.loss))
  if (c.P === 0) return
  const found = await trainer.gradient(parameters, batch)
  yield await one('loss', lossLimit, () => lossError(found.loss))
  yield await one('gradient', limitOf(limits.gradient, deviation.grad_rel), async () => {
    const expected = await golden.doubles(of('soft_prompt_grad'))
    return relativeError(found.gradients.get('embedding')!.data, expected)
  })
}
