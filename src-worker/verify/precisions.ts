// Every precision that the device has: how far its gradient lies from float32 on the CPU, and whether the training
// program copies values between host and device at every step, which would cost more than the step.
import type { Precision } from '../contract/run-spec'
import { precisionsOf } from '../session/provider'
import { largestDeviation } from '../train/device-check'
import { compared, part, type VerifyCase, type VerifyContext } from './case'
import { modelNamed } from './golden'
import { gradientFile, gradientFiles } from './gradients'
import { runTrial, type Trial } from './trial'

const check = 'precisions'
const promptTokens = 8

/** Of the gradient: a trial that deviates less was not computed in its precision. TF32 and float16 have 10 bits. */
export const leastRounding: Readonly<Record<Precision, number>> = {
  float32: 0,
  tf32: 3e-5,
  bfloat16: 3e-4,
  float16: 3e-5,
}

const milliseconds = (seconds: number): string => `${(1000 * seconds).toFixed(1)} ms`

export async function* verifyPrecisions(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const { device, precision } = context
  const precisions = precision === undefined ? await precisionsOf(device) : [precision]
  for (const file of await gradientFiles(context))
    yield* part(check, file, modelCases(context, file, precisions))
}

/** A trial of each precision, with a batch that the model's positions hold. */
async function* modelCases(
  context: VerifyContext,
  file: string,
  precisions: readonly Precision[],
): AsyncGenerator<VerifyCase, void> {
  const name = (await gradientFile(context, file)).model ?? file
  const { path, config } = await modelNamed(context, name)
  const tokens = Math.min(64, config.maxPositions - promptTokens)
  const sizes = { lanes: 4, tokens, promptTokens }
  for (const precision of precisions) {
    const trial = await runTrial({ device: context.device, precision, model: path, ...sizes })
    yield* casesOf(name, precision, trial)
  }
}

export function* casesOf(
  model: string,
  precision: Precision,
  trial: Trial,
): Generator<VerifyCase, void> {
  const { device, gradient, loss, stepSeconds, copies } = trial
  const title = `${model} ${precision} on ${device}`
  const note = `loss ${loss.toExponential(1)}, ${milliseconds(stepSeconds)} a step`
  yield compared(check, `${title}: gradient`, gradient, largestDeviation[precision], note)
  if (precision !== 'float32')
    yield compared(check, `${title}: rounded`, leastRounding[precision] / gradient, 1)
  const reported =
    copies === undefined
      ? "onnxruntime's log does not say"
      : [`${copies.outside} around it`, ...copies.values].join(', ')
  const inside = copies?.inside ?? Number.NaN
  yield compared(check, `${title}: copies inside the training scan`, inside, 0, reported)
}
