// The end of `spw gpu doctor`: where CUDA works, each precision trains a demo model for some steps.
import { join } from 'node:path'
import { asFault } from '../contract/fault'
import type { Precision } from '../contract/run-spec'
import type { Finding } from '../gpu/finding'
import { precisionsOf } from '../session/provider'
import { largestDeviation } from '../train/device-check'
import type { Places } from '../train/home'
import { leastRounding } from './precisions'
import { runTrial, type Trial, type TrialRequest } from './trial'

type Sizes = Pick<TrialRequest, 'lanes' | 'tokens' | 'promptTokens'>
const usual: Sizes = { lanes: 8, tokens: 256, promptTokens: 16 }

/** What is wrong with a trial, and what to do; undefined: nothing. */
export function troubleWith(precision: Precision, { gradient, copies }: Trial): string | undefined {
  if (!(gradient <= largestDeviation[precision]))
    return 'Update the NVIDIA driver, and choose another precision until this is well.'
  if (gradient < leastRounding[precision])
    return `Report this: products are not computed in ${precision}.`
  if (copies === undefined) return "Report this: onnxruntime's log says nothing about copies."
  return copies.inside === 0 ? undefined : `Report these copies: ${copies.values.join(', ')}.`
}

function stepOf(precision: Precision, trial: Trial): Finding {
  const { device, gradient, stepSeconds, openSeconds, copies } = trial
  const fix = troubleWith(precision, trial) ?? null
  const found = [
    `gradient ${gradient.toExponential(1)} off the CPU's`,
    `${(1000 * stepSeconds).toFixed(2)} ms a step`,
    `${openSeconds.toFixed(1)} s to open`,
    `copies between host and device: ${copies?.inside ?? '?'} inside a step, ${copies?.outside ?? '?'} around`,
  ]
  return {
    name: `trains in ${precision} on ${device}`,
    ok: fix === null,
    found: found.join(', '),
    fix,
  }
}

/** A step for each precision of a device. */
export async function* trialSteps(
  device: string,
  { home, resources }: Places,
  sizes = usual,
): AsyncGenerator<Finding, void> {
  const model = join(resources, 'models', 'workbench-demo-base')
  for (const precision of await precisionsOf(device)) {
    try {
      const env = { ...process.env, SPW_HOME: home }
      yield stepOf(precision, await runTrial({ device, precision, model, ...sizes }, env))
    } catch (error) {
      const { message, fix } = asFault(error)
      yield { name: `trains in ${precision} on ${device}`, ok: false, found: message, fix }
    }
  }
}
