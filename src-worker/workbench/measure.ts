// Seconds of one real optimizer step of a spec, on this machine, now: random tokens, because time does not depend on them.

import { setImmediate } from 'node:timers/promises'
import type { MicroBatch } from '../contract/batch'
import { Fault } from '../contract/fault'
import { type RunSpec, tokensOf } from '../contract/run-spec'
import type { Parameters } from '../contract/snapshot'
import { initialParameters } from '../prompt/init'
import { conditionCount } from '../prompt/rows'
import { deviceName, openRuntime } from '../session/provider'
import { rng } from '../stream/rng'
import type { Places } from '../train/home'
import { readSettings } from '../train/home'
import { fittingTrade, roomOn } from '../train/memory'
import { conditionsOf, openModelOf, shapeOf } from '../train/prepare'
import { initialState } from '../train/state'
import { timed } from '../train/steps-per-call'
import { openTrainer, type Trainer } from '../train/trainer'
import { embeddingsOf } from '../weights/embeddings'

/** A batch of the spec's sizes: every text token but the first is a label. */
export function randomBatch(spec: RunSpec, vocabulary: number, conditions: number): MicroBatch {
  const { lanes: all, accumulation, length } = spec.training
  const lanes = all / accumulation
  const prompt = tokensOf(spec.prompt)
  const slotsPerLane = length + prompt
  const random = rng(1, 'measure')
  const slots = Int32Array.from({ length: lanes * slotsPerLane }, (_, i) => {
    const slot = i % slotsPerLane
    return slot < prompt ? -(slot + 1) : 1 + random.below(vocabulary - 1)
  })
  const perLane = length - 1
  const rows = Int32Array.from(
    { length: lanes * perLane },
    (_, i) => Math.floor(i / perLane) * slotsPerLane + prompt + (i % perLane),
  )
  return {
    lanes,
    slotsPerLane,
    slots,
    rows,
    labels: rows.map(row => slots[row + 1] ?? 0),
    weights: new Float32Array(rows.length).fill(1),
    divisor: rows.length,
    conditions: new Float32Array(lanes * conditions).fill(0.5),
    tokenCount: lanes * length,
  }
}

export interface MeasureOptions extends Places {
  readonly onProgress: (doing: string) => void
  readonly signal: AbortSignal
}

/** Seconds of each of three steps, apart from the state's way to the device; the first opens everything. */
async function timedSteps(
  trainer: Trainer,
  parameters: Parameters,
  step: readonly MicroBatch[],
  { onProgress, signal }: MeasureOptions,
): Promise<readonly number[]> {
  let state = initialState(parameters)
  const transfer = parameters.size > 0 ? await trainer.transfer(state) : 0
  const times: number[] = []
  for (let i = 0; i < 3; i++) {
    if (signal.aborted) throw new Fault('cancelled', 'the measurement was stopped', 'Ask again.')
    onProgress('measuring a step')
    const began = performance.now()
    if (parameters.size > 0) state = (await trainer.advance(state, [step], [1e-3])).state
    else for (const micro of step) await trainer.evaluate(parameters, micro)
    times.push(timed({ step: 0, transfer }, (performance.now() - began) / 1000, 1).step)
    await setImmediate()
  }
  return times
}

/** Seconds: the lesser of two timed steps, after one that opens everything. Fault 'memory' when the run does not fit. */
export async function measureStep(spec: RunSpec, options: MeasureOptions): Promise<number> {
  options.onProgress('opening the model to measure a step')
  const { model } = await openModelOf(spec, options)
  const shape = shapeOf(spec.prompt, model.config.hiddenSize, conditionsOf(spec))
  const { threads } = readSettings(options.home)
  const { optimizer, precision, training } = spec
  const { runtime } = await openRuntime(spec.device, { threads, precision })
  const { freeBytes, device } = await roomOn(deviceName(runtime.device))
  const { prepack, recompute, merged } = fittingTrade(spec, model, freeBytes, device)
  const trainer = await openTrainer({
    ...{ prepack, recompute, merged },
    runtime,
    model,
    shape,
    optimizer,
    mode: 'weighted',
    precision,
  })
  try {
    const batch = randomBatch(spec, model.config.vocabularySize, conditionCount(shape))
    const step = Array.from({ length: training.accumulation }, () => batch)
    const init = { kind: 'normal', std: 0.1 } as const
    const embeddings = () => embeddingsOf(model)
    const encode = async (): Promise<number[]> => [0]
    const parameters =
      shape.tokens === 0
        ? new Map()
        : await initialParameters({ shape, init, rng: rng(1), embeddings, encode })
    const times = await timedSteps(trainer, parameters, step, options)
    return Math.min(...times.slice(1))
  } finally {
    await trainer.release()
  }
}
