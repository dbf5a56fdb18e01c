// Learning rates, made outside the graph and fed step by step.

export interface ScheduleOptions {
  readonly learningRate: number
  readonly schedule: 'constant' | 'cosine'
  /** the rate rises linearly over these steps */
  readonly warmupSteps: number
}

/** The rate of step `step`, counted from 0, of `total` steps. */
export function learningRate(options: ScheduleOptions, step: number, total: number): number {
  const { learningRate: peak, schedule, warmupSteps } = options
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps
  if (schedule === 'constant') return peak
  const share = (step - warmupSteps) / Math.max(1, total - warmupSteps)
  return (peak * (1 + Math.cos(Math.PI * Math.min(1, share)))) / 2
}

/** Rates of the `count` steps after the first `done`. */
export const learningRates = (
  options: ScheduleOptions,
  done: number,
  count: number,
  total: number,
): readonly number[] =>
  Array.from({ length: count }, (_, k) => learningRate(options, done + k, total))
