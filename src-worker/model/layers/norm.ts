// Norms by the names that families give them. Letters: M rows, H width, N heads, D head width.
import { add, mul } from '../../graph/ops/elementwise'
import { layerNorm, rmsNorm } from '../../graph/ops/norm'
import { concat, reshape } from '../../graph/ops/shape'
import { dim } from '../../graph/shape'
import { floats, type Value } from '../../graph/value'
import type { Row } from '../language-model'
import type { WeightSource } from '../source'
import { foldable } from './folded'

/** RMS norm with `name.weight` [H]; `plusOne`: the factor is 1 + weight (Gemma). */
export function rms(
  source: WeightSource,
  name: string,
  width: number,
  eps: number,
  plusOne = false,
): Row {
  const gamma = source.vector(`${name}.weight`, [width])
  const factor = plusOne ? add(gamma, 1) : gamma
  const kind = { name: 'rms', eps } as const
  return x =>
    foldableIf(source, rmsNorm(x, factor, eps), { x, kind, gamma: factor, beta: undefined })
}

export interface LayerNormOptions {
  readonly bias?: boolean
  /** the factor is 1 + weight (Nemotron) */
  readonly plusOne?: boolean
}

/** LayerNorm with `name.weight` and, unless said otherwise, `name.bias`. */
export function layer(
  source: WeightSource,
  name: string,
  width: number,
  eps: number,
  { bias = true, plusOne = false }: LayerNormOptions = {},
): Row {
  const gamma = source.vector(`${name}.weight`, [width])
  const factor = plusOne ? add(gamma, 1) : gamma
  const beta = bias ? source.vector(`${name}.bias`, [width]) : zeros(width)
  const kind = { name: 'layer', eps } as const
  const norm = { kind, gamma: factor, beta: bias ? beta : undefined }
  return x => foldableIf(source, layerNorm(x, factor, beta, eps), { x, ...norm })
}

const foldableIf = (
  { folds }: WeightSource,
  y: Value,
  norm: Parameters<typeof foldable>[1],
): Value => (folds === true ? foldable(y, norm) : y)

/** LayerNorm without weights (OLMo 1). */
export const bareLayer = (width: number, eps: number): Row => {
  const [ones, zero] = [floats([width], new Float32Array(width).fill(1)), zeros(width)]
  return x => layerNorm(x, ones, zero, eps)
}

const zeros = (width: number): Value => floats([width], new Float32Array(width))

/** A norm of each head by itself, whose weights all heads share. [M, N·D] → [M, N·D] */
export const eachHead =
  (norm: Row, heads: number): Row =>
  x => {
    const width = Number(x.dims[1])
    return reshape(norm(reshape(x, [dim(x, 0), heads, width / heads])), [dim(x, 0), width])
  }

/** LayerNorm of each head, without bias, with a weight for each: [N, D] in one tensor, or [D] in one of each head. */
export function layerOfHeads(
  source: WeightSource,
  names: string | ((head: number) => string),
  [heads, headDim]: readonly [number, number],
  eps: number,
): Row {
  const each = (head: number): Value =>
    reshape(source.vector((names as (head: number) => string)(head), [headDim]), [1, headDim])
  const gamma =
    typeof names === 'string'
      ? source.vector(names, [heads, headDim])
      : concat(
          Array.from({ length: heads }, (_, head) => each(head)),
          0,
          heads,
        )
  return eachHead(x => mul(bareLayer(headDim, eps)(x), gamma), heads)
}
