// Normalisations and softmax over the last axis.
import { keptByTwo } from '../../shared/kept'
import { size } from '../shape'
import { floats, makeNode, makeValue, type Value } from '../value'
import { cast, mul, sub } from './elementwise'
import { sum, sumLast } from './reduce'
import { recompute } from './shape'
import { withGradient } from './with-gradient'

interface Norm {
  /** (x, factor [H]) → its output, and 1/σ of each row [M…, 1] */
  readonly of: (x: Value, factor: Value) => { readonly y: Value; readonly inverse: Value }
  /** the mean of x is taken off */
  readonly centred: boolean
}

const statistics = (x: Value) => ({
  dtype: 'float32' as const,
  dims: [...x.dims.slice(0, -1), 1],
})

/** One number for each column of x. */
function vectorLike(x: Value, value: number): Value {
  const width = size(x, -1)
  return cast(floats([width], new Float32Array(width).fill(value)), x.dtype)
}

const layer = (eps: number, beta?: Value): Norm => ({
  of: (x, gamma) => {
    const attributes = { axis: { int: -1 }, epsilon: { float: eps } }
    const types = [{ dtype: x.dtype, dims: x.dims }, statistics(x), statistics(x)]
    const inputs = [x, gamma, beta ?? vectorLike(x, 0)]
    const [y, , inverse] = makeNode('LayerNormalization', inputs, types, { attributes })
    return { y: y!, inverse: inverse! }
  },
  centred: true,
})

/** SimplifiedLayerNormalization, because RMSNormalization does not give its statistics. */
const rootMeanSquare = (eps: number): Norm => ({
  of: (x, gamma) => {
    const attributes = { axis: { int: -1 }, epsilon: { float: eps }, stash_type: { int: 1 } }
    const types = [{ dtype: x.dtype, dims: x.dims }, statistics(x)]
    const [y, inverse] = makeNode('SimplifiedLayerNormalization', [x, gamma], types, { attributes })
    return { y: y!, inverse: inverse! }
  },
  centred: false,
})

// x → kind of norm → x̂: norms of the same rows (both halves of a parallel block) share one way back
const units = keptByTwo<Value, string, Value>()

/**
 * x̂ = (x − μ)/σ, whose value is rarely needed, as a value to differentiate by. z = x̂/√H makes means of sums:
 * dx = (g − mean(g) − z·Σ(g·z))/σ.   g: gradient of x̂
 */
const unitOf = (x: Value, norm: Norm, key: string): Value =>
  units(x, key, () => differentiable(x, norm))

function differentiable(x: Value, norm: Norm): Value {
  const width = size(x, -1)
  const { y } = norm.of(x, vectorLike(x, 1))
  return withGradient(y, [x], g => [
    () => {
      const { y: z, inverse } = norm.of(recompute(x, g), vectorLike(x, 1 / Math.sqrt(width)))
      const inner = sub(g, mul(z, sumLast(mul(g, z))))
      const centred = norm.centred ? sub(inner, mul(sumLast(g), 1 / width)) : inner
      return mul(centred, cast(inverse, x.dtype))
    },
  ])
}

const leadingAxes = (x: Value): readonly number[] => x.dims.slice(0, -1).map((_, i) => i)

export interface NormKind {
  readonly name: 'layer' | 'rms'
  readonly eps: number
}

// x → kind of norm → x̂
const normed = keptByTwo<Value, string, Value>()

/**
 * x̂ itself, kept for the way back, for products whose matrices hold γ and, of LayerNorm, have rows that sum to nothing
 * (model/layers/folded.ts). Then so does g, and dx = (g − x̂·mean(g∘x̂))/σ.   g: gradient of x̂
 */
export const normedRows = (x: Value, kind: NormKind): Value =>
  normed(x, `${kind.name} ${kind.eps}`, () => rowsOf(x, kind))

function rowsOf(x: Value, { name, eps }: NormKind): Value {
  const norm = name === 'layer' ? layer(eps) : rootMeanSquare(eps)
  const { y, inverse } = norm.of(x, vectorLike(x, 1))
  return withGradient(y, [x], g => [
    () => {
      const share = mul(sumLast(mul(g, y)), 1 / size(x, -1))
      return mul(sub(g, mul(y, share)), cast(inverse, x.dtype))
    },
  ])
}

/** γ·(x − mean)/√(variance + eps) + β.   x: […, H]   factor γ, shift β: [H] */
export function layerNorm(x: Value, factor: Value, shift: Value, eps: number): Value {
  const [gamma, beta] = [cast(factor, x.dtype), cast(shift, x.dtype)]
  const unit = unitOf(x, layer(eps), `layer ${eps}`)
  return withGradient(layer(eps, beta).of(x, gamma).y, [unit, gamma, beta], dy => [
    () => mul(dy, gamma),
    () => sum(mul(dy, unit), leadingAxes(dy)),
    () => sum(dy, leadingAxes(dy)),
  ])
}

/** γ·x/√(mean(x²) + eps).   x: […, H]   factor γ: [H] */
export function rmsNorm(x: Value, factor: Value, eps: number): Value {
  const gamma = cast(factor, x.dtype)
  const norm = rootMeanSquare(eps)
  const unit = unitOf(x, norm, `rms ${eps}`)
  return withGradient(norm.of(x, gamma).y, [unit, gamma], dy => [
    () => mul(dy, gamma),
    () => sum(mul(dy, unit), leadingAxes(dy)),
  ])
}

/** eˣ/Σeˣ over the last axis */
export function softmax(x: Value): Value {
  const attributes = { axis: { int: x.dims.length - 1 } }
  return makeValue('Softmax', [x], { dtype: x.dtype, dims: x.dims }, { attributes })
}

/** x − log Σeˣ over the last axis */
export function logSoftmax(x: Value): Value {
  const attributes = { axis: { int: x.dims.length - 1 } }
  return makeValue('LogSoftmax', [x], { dtype: x.dtype, dims: x.dims }, { attributes })
}

export interface RotaryOptions {
  readonly heads: number
  /** only the first rotaryDim values of each head are rotated */
  readonly rotaryDim: number
  /** neighbours (2i, 2i+1) make a pair (GPT-J), not the two halves (GPT-NeoX) */
  readonly interleaved?: boolean
}

/**
 * Rotary embedding (Su et al. 2021).
 * x: [B, S, N·D] or [B, N, S, D]   positions: [B, S] int64   cos, sin: [positions, rotaryDim/2]
 */
export function rotary(
  x: Value,
  positions: Value,
  cos: Value,
  sin: Value,
  options: RotaryOptions,
): Value {
  const partial = options.rotaryDim !== headWidth(x, options.heads)
  const attributes = {
    interleaved: { int: options.interleaved === true ? 1 : 0 },
    num_heads: { int: options.heads },
    rotary_embedding_dim: { int: partial ? options.rotaryDim : 0 },
  }
  const type = { dtype: x.dtype, dims: x.dims }
  const inputs = [x, positions, cos, sin]
  return makeValue('RotaryEmbedding', inputs, type, { domain: 'com.microsoft', attributes })
}

/** D of heads side by side [B, S, N·D], or one behind the other [B, N, S, D] */
export const headWidth = (x: Value, heads: number): number =>
  x.dims.length === 4 ? size(x, 3) : size(x, 2) / heads
