// The process of a trial (trial.ts): measures what it is asked for, and ends with it.

import type { MicroBatch } from '../contract/batch'
import type { ModelFolder } from '../contract/model'
import type { Parameters, PromptShape } from '../contract/snapshot'
import { answerParent } from '../ports/own'
import { initialParameters } from '../prompt/init'
import { openRuntime } from '../session/provider'
import { rng } from '../stream/rng'
import { deviation, gradientOfStep } from '../train/device-check'
import type { TrainerOptions } from '../train/engine'
import { initialState } from '../train/state'
import { openTrainer } from '../train/trainer'
import { embeddingsOf } from '../weights/embeddings'
import { openModelFolder } from '../weights/model-folder'
import { promptedBatch } from './prompted-batch'
import type { TrialFigures, TrialProcess, TrialRequest } from './trial'

const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, clipNorm: 0 }
/** in one run call, timed after one that was not */
const timedSteps = 8

/** Random text, the prompt somewhere in each lane, labels behind it. */
function randomBatch(
  { lanes, tokens, promptTokens }: TrialRequest,
  vocabulary: number,
): MicroBatch {
  const random = rng(1, 'trial')
  const numbers = (count: number, below: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.below(below))
  const starts = numbers(lanes, tokens / 2)
  const slots = tokens + promptTokens
  const labels = numbers(lanes * slots, vocabulary).map((label, i) =>
    i % slots > starts[Math.floor(i / slots)]! + promptTokens ? label : -100,
  )
  const ids = numbers(lanes * tokens, vocabulary)
  const conditions = new Float32Array(0)
  return promptedBatch({ lanes, tokens, ids, starts, labels, conditions }, promptTokens)
}

/** A prompt of random vocabulary rows. */
const parametersOf = (model: ModelFolder, shape: PromptShape): Promise<Parameters> =>
  initialParameters({
    shape,
    init: { kind: 'vocabulary' },
    rng: rng(1, 'prompt'),
    embeddings: () => embeddingsOf(model),
    encode: async () => [],
  })

async function onCpu(options: TrainerOptions, parameters: Parameters, batch: MicroBatch) {
  const { runtime } = await openRuntime('cpu')
  const trainer = await openTrainer({ ...options, runtime, precision: 'float32' })
  const found = await trainer.gradient(parameters, batch)
  await trainer.release()
  return found
}

async function measure(request: TrialRequest): Promise<TrialFigures> {
  const { precision, promptTokens } = request
  const { runtime, device } = await openRuntime(request.device, { precision, log: true })
  const model = await openModelFolder(request.model)
  const { hiddenSize, vocabularySize } = model.config
  const shape: PromptShape = { type: 'direct', tokens: promptTokens, width: hiddenSize }
  const parameters = await parametersOf(model, shape)
  const batch = randomBatch(request, vocabularySize)
  const options: TrainerOptions = { runtime, model, shape, optimizer, precision, mode: 'weighted' }
  const expected = await onCpu(options, parameters, batch)
  const trainer = await openTrainer({ ...options, strategy: 'multi-step' })
  const began = performance.now()
  const found = await gradientOfStep(trainer, optimizer, parameters, batch)
  const opened = performance.now()
  const steps = Array.from({ length: timedSteps }, () => [batch])
  const rates = steps.map(() => 1e-3)
  const { state } = await trainer.advance(initialState(parameters), steps, rates)
  const warmed = performance.now()
  await trainer.advance(state, steps, rates)
  const ended = performance.now()
  await trainer.release()
  return {
    device,
    ...deviation(found, expected),
    openSeconds: (opened - began) / 1000,
    stepSeconds: (ended - warmed) / 1000 / timedSteps,
  }
}

const functions: TrialProcess = { measure }

answerParent(functions)
