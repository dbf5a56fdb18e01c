// The attention layers of Llama's kin by their names: q_proj, k_proj, v_proj and a last one.
import type { ModelConfig } from '../../contract/model'
import type { Row } from '../language-model'
import type { WeightSource } from '../source'
import { type Projections, separately } from './block'
import { linearLayer } from './linear'

export interface AttentionOptions {
  /** of q, k and v, and of the last layer */
  readonly bias?: boolean
  readonly outBias?: boolean
  /** name of the last layer */
  readonly out?: string
  /** what queries and keys pass before they are rotated: a norm */
  readonly queries?: Row
  readonly keys?: Row
  /** what all three pass */
  readonly clip?: (x: ReturnType<Row>) => ReturnType<Row>
  /** width of the rows, where it is not that of the embedding */
  readonly width?: number
}

const same: Row = x => x

export interface SelfAttention {
  readonly projections: Projections
  readonly out: Row
}

/** @param name of the module: model.layers.0.self_attn */
export function selfAttention(
  { hiddenSize, heads, kvHeads, headDim }: ModelConfig,
  source: WeightSource,
  name: string,
  options: AttentionOptions = {},
): SelfAttention {
  const { bias = false, outBias = bias, out = 'o_proj', queries = same, keys = same } = options
  const { clip = same, width = hiddenSize } = options
  const linear = (part: string, count: number): Row =>
    linearLayer(source, `${name}.${part}`, count * headDim, width, bias)
  const [q, k, v] = [linear('q_proj', heads), linear('k_proj', kvHeads), linear('v_proj', kvHeads)]
  return {
    projections: separately(
      x => queries(clip(q(x))),
      x => keys(clip(k(x))),
      x => clip(v(x)),
    ),
    out: linearLayer(source, `${name}.${out}`, width, heads * headDim, outBias),
  }
}
