// Rope angles from their exact formula in float64, rounded once.
import type { ModelConfig } from '../contract/model'

export interface RotaryTable {
  readonly positions: number
  /** rotaryDim / 2 */
  readonly width: number
  /** [positions, width] */
  readonly cos: Float32Array
  readonly sin: Float32Array
}

export const rotaryDimOf = (config: ModelConfig): number =>
  config.family === 'gpt-neox' ? config.rotaryDim : config.headDim

/** Radians a position: theta^(−2i/rotaryDim), scaled as the model says. */
export function frequencies(config: ModelConfig): readonly number[] {
  const rotaryDim = rotaryDimOf(config)
  const plain = Array.from(
    { length: rotaryDim / 2 },
    (_, i) => config.ropeTheta ** (-(2 * i) / rotaryDim),
  )
  const scaling = config.ropeScaling
  if (scaling.kind === 'default') return plain
  if (scaling.kind === 'linear') return plain.map(f => f / scaling.factor)
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling
  return plain.map(f => {
    const wavelength = (2 * Math.PI) / f
    const turns = scaling.originalMaxPositions / wavelength
    if (turns > high) return f
    if (turns < low) return f / factor
    const share = (turns - low) / (high - low)
    return (1 - share) * (f / factor) + share * f
  })
}

export function rotaryTable(config: ModelConfig, positions: number): RotaryTable {
  const f = frequencies(config)
  const width = f.length
  const cos = new Float32Array(positions * width)
  const sin = new Float32Array(positions * width)
  for (let p = 0; p < positions; p++)
    for (let i = 0; i < width; i++) {
      cos[p * width + i] = Math.cos(p * f[i]!)
      sin[p * width + i] = Math.sin(p * f[i]!)
    }
  return { positions, width, cos, sin }
}
