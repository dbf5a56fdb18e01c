// K, the optimizer steps of one run call. A call cannot be interrupted, so it should be short; but on a GPU it begins
// and ends with the whole state transferred between host and device (onnxruntime-node binds no memory of CUDA), so with a
// large state it must not be too short either.
import type { RunSpec } from '../contract/run-spec'

export interface Timing {
  /** seconds of one optimizer step, transfer not counted; 0: not known yet */
  readonly step: number
  /** seconds that the state takes to the device and back, once a run call */
  readonly transfer: number
}

/** Seconds one run call should take: metrics come only after it. */
const usualSeconds = 0.5
const usualSteps = 64
/** The part of a run call that the transfer may be. */
const transferShare = 0.03
/** Seconds, and steps, of a run call beyond which that does not count any more: a person may wait to stop it. */
const longestSeconds = 20
const mostSteps = 1024

/** Steps up to the next multiple of `every`; 0: never. */
const untilNext = (step: number, every: number): number =>
  every === 0 ? Number.POSITIVE_INFINITY : every - (step % every)

/** Half a second of work, or as much as makes the transfer small. */
function wanted({ step, transfer }: Timing): number {
  if (step === 0) return 1
  const bySeconds = Math.min(usualSteps, Math.floor(usualSeconds / step))
  // transfer ≤ share·(transfer + K·step)
  const byTransfer = Math.ceil((transfer * (1 - transferShare)) / (transferShare * step))
  const most = Math.min(mostSteps, Math.floor(longestSeconds / step))
  return Math.max(1, bySeconds, Math.min(byTransfer, most))
}

/** K of the next run call after `step` steps: never past a test, a checkpoint or the end. */
export function stepsPerCall(
  { training }: Pick<RunSpec, 'training'>,
  step: number,
  timing: Timing,
): number {
  const { steps, testEvery, checkpointEvery } = training
  return Math.min(
    wanted(timing),
    steps - step,
    untilNext(step, testEvery),
    untilNext(step, checkpointEvery),
  )
}

/** What a run call of `count` steps measures. The first opens the program too, which is forgotten at once. */
export function timed({ step, transfer }: Timing, seconds: number, count: number): Timing {
  // a measured transfer is not exact, and a step takes some time
  const now = Math.max(seconds - transfer, seconds / 100) / count
  return { transfer, step: step === 0 || now < step / 2 ? now : (step + now) / 2 }
}
