// Before a GPU is trusted with a run: the gradient of one micro-batch there against the CPU's, in numbers, in the log.
import type { MicroBatch } from '../contract/batch'
import { Fault } from '../contract/fault'
import type { Precision } from '../contract/run-spec'
import type { Parameters } from '../contract/snapshot'
import { openRuntime } from '../session/provider'
import type { TrainerOptions } from './engine'
import { initialState } from './state'
import { openTrainer, type Trainer } from './trainer'

export interface Deviation {
  /** |loss − loss on the CPU| */
  readonly loss: number
  /** ‖g − g on the CPU‖ / ‖g on the CPU‖ over all parameters */
  readonly gradient: number
}

/** Of the gradient: beyond these something is broken, not merely rounded. TF32 is ten times beyond float32's. */
export const largestDeviation: Readonly<Record<Precision, number>> = {
  float32: 2e-4,
  tf32: 1e-2,
  bfloat16: 0.15,
  float16: 0.05,
}

/** Both gradients as one long vector each. */
export function deviation(
  a: { readonly loss: number; readonly gradients: Parameters },
  b: { readonly loss: number; readonly gradients: Parameters },
): Deviation {
  let [difference, norm] = [0, 0]
  for (const [name, { data }] of b.gradients) {
    const other = a.gradients.get(name)?.data
    data.forEach((x, i) => {
      difference += ((other?.[i] ?? Number.NaN) - x) ** 2
      norm += x * x
    })
  }
  return { loss: Math.abs(a.loss - b.loss), gradient: Math.sqrt(difference / norm) }
}

/**
 * The gradient by the very program that trains, out of the first moment of one step: m = (1 − β₁)·c·g, c the clipping.
 * So no second program, and no second copy of the weights, lies on the device.
 */
export async function gradientOfStep(
  trainer: Trainer,
  { beta1, clipNorm }: TrainerOptions['optimizer'],
  parameters: Parameters,
  batch: MicroBatch,
): Promise<{ readonly loss: number; readonly gradients: Parameters }> {
  const { state, losses, gradNorms } = await trainer.advance(
    initialState(parameters),
    [[batch]],
    [0],
  )
  const clipped = clipNorm > 0 ? Math.min(1, clipNorm / (gradNorms[0]! + 1e-6)) : 1
  const factor = 1 / ((1 - beta1) * clipped)
  const gradients = new Map(
    [...state.m].map(([name, { shape, data }]) => [
      name,
      { shape, data: data.map(x => factor * x) },
    ]),
  )
  return { loss: losses[0]!, gradients }
}

/** Fault `device` when the device computes something else. */
export async function checkDevice(
  trainer: Trainer,
  options: TrainerOptions,
  parameters: Parameters,
  batch: MicroBatch,
  report: (line: string) => void,
): Promise<void> {
  const { runtime } = await openRuntime('cpu')
  const cpu = await openTrainer({ ...options, runtime, precision: 'float32' })
  try {
    const here = await gradientOfStep(trainer, options.optimizer, parameters, batch)
    const there = await cpu.gradient(parameters, batch)
    const found = deviation(here, there)
    const precision = options.precision ?? 'float32'
    const text = `relative ${found.gradient.toExponential(2)}, loss ${found.loss.toExponential(2)}`
    report(`gradient of one micro-batch (${precision}) against the CPU's: ${text}`)
    if (found.gradient <= largestDeviation[precision]) return
    throw new Fault(
      'device',
      `the device's gradient deviates from the CPU's by ${found.gradient.toExponential(2)} (${precision}), more than ${largestDeviation[precision]}`,
      'Run `spw verify --device …`, update the driver, or train on the CPU.',
    )
  } finally {
    await cpu.release()
  }
}
