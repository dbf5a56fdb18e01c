// Rope angles from their exact formula in float64, rounded once.
import type { Rope } from '../contract/model'

export interface RotaryTable {
  readonly positions: number
  /** rotaryDim / 2 */
  readonly width: number
  /** [positions, width] */
  readonly cos: Float32Array
  readonly sin: Float32Array
}

/**
 * The longest lane whose angles are those of any shorter one; beyond it they depend on the length of the whole lane.
 * Infinity for the kinds that do not look at lengths.
 */
export function steadyLength({ scaling }: Rope): number {
  if (scaling.kind === 'dynamic') return scaling.maxPositions
  return scaling.kind === 'longrope' ? scaling.originalMaxPositions : Number.POSITIVE_INFINITY
}

/** steadyLength of all ropes of a model */
export const steadyLengthOf = (ropes: readonly Rope[]): number =>
  ropes.reduce((least, rope) => Math.min(least, steadyLength(rope)), Number.POSITIVE_INFINITY)

/** θ^(−2i/D) for 0 ≤ 2i < D */
const plain = (theta: number, dim: number): readonly number[] =>
  Array.from({ length: Math.ceil(dim / 2) }, (_, i) => theta ** (-(2 * i) / dim))

/** Radians a position, scaled as the model says. @param length slots of the whole lane */
export function frequencies(rope: Rope, length = 1): readonly number[] {
  const { theta, rotaryDim, oddDim = rotaryDim, scaling } = rope
  const f = plain(theta, oddDim)
  switch (scaling.kind) {
    case 'default':
      return f
    case 'linear':
      return f.map(x => x / scaling.factor)
    case 'dynamic': {
      const { factor, maxPositions } = scaling
      const over = (factor * Math.max(length, maxPositions)) / maxPositions - (factor - 1)
      return plain(theta * over ** (rotaryDim / (rotaryDim - 2)), rotaryDim)
    }
    case 'llama3':
      return f.map(x => llama3(x, scaling))
    case 'yarn':
      return yarn(f, theta, rotaryDim, scaling)
    case 'longrope': {
      const long = length > scaling.originalMaxPositions
      return f.map((x, i) => x / (long ? scaling.longFactor : scaling.shortFactor)[i]!)
    }
  }
}

type Scaling<Kind> = Extract<Rope['scaling'], { readonly kind: Kind }>

/** Short waves kept, long ones stretched, a blend between (Llama 3.1). */
function llama3(f: number, scaling: Scaling<'llama3'>): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling
  const wavelength = (2 * Math.PI) / f
  const turns = scaling.originalMaxPositions / wavelength
  if (turns > high) return f
  if (turns < low) return f / factor
  const share = (turns - low) / (high - low)
  return (1 - share) * (f / factor) + share * f
}

/** A ramp over the dimensions from kept to stretched frequencies (Peng et al. 2023, NTK-by-parts). */
function yarn(
  f: readonly number[],
  theta: number,
  rotaryDim: number,
  scaling: Scaling<'yarn'>,
): readonly number[] {
  const { factor, betaFast, betaSlow, originalMaxPositions, truncate } = scaling
  // the dimension whose wave turns so often within the original length
  const turning = (turns: number): number =>
    (rotaryDim * Math.log(originalMaxPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta))
  const [first, last] = [turning(betaFast), turning(betaSlow)]
  const low = Math.max(truncate ? Math.floor(first) : first, 0)
  const high = Math.min(truncate ? Math.ceil(last) : last, rotaryDim - 1)
  const width = low === high ? 0.001 : high - low
  return f.map((x, i) => {
    const stretched = Math.min(Math.max((i - low) / width, 0), 1)
    return (x / factor) * stretched + x * (1 - stretched)
  })
}

const attentionFactor = ({ scaling }: Rope): number =>
  'attentionFactor' in scaling ? scaling.attentionFactor : 1

/** @param length slots of the whole lane, where the rope looks at it */
export function rotaryTable(rope: Rope, positions: number, length = positions): RotaryTable {
  const f = frequencies(rope, length)
  const factor = attentionFactor(rope)
  const width = f.length
  const cos = new Float32Array(positions * width)
  const sin = new Float32Array(positions * width)
  for (let p = 0; p < positions; p++)
    for (let i = 0; i < width; i++) {
      cos[p * width + i] = factor * Math.cos(p * f[i]!)
      sin[p * width + i] = factor * Math.sin(p * f[i]!)
    }
  return { positions, width, cos, sin }
}
