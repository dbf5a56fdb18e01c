// The MLPs of Llama's kin by their names.
import type { ModelConfig } from '../../contract/model'
import type { Row } from '../language-model'
import type { WeightSource } from '../source'
import { type Activation, gated } from './activation'
import { linearLayer, partLayer } from './linear'

/** gate_proj, up_proj, down_proj. @param name of the module: model.layers.0.mlp */
export function gatedMlp(
  { hiddenSize: h, mlpSize, own }: ModelConfig<{ readonly activation: Activation }>,
  source: WeightSource,
  name: string,
  biased = false,
): Row {
  const linear = (part: string, out: number, into: number): Row =>
    linearLayer(source, `${name}.${part}`, out, into, biased)
  const [gate, up] = [linear('gate_proj', mlpSize, h), linear('up_proj', mlpSize, h)]
  return gated(own.activation, gate, up, linear('down_proj', h, mlpSize))
}

/** gate_up_proj, whose first rows are gate's, and down_proj. */
export function fusedGatedMlp(
  { hiddenSize: h, mlpSize, own }: ModelConfig<{ readonly activation: Activation }>,
  source: WeightSource,
  name: string,
): Row {
  const rows = (from: number): Row =>
    partLayer(source, `${name}.gate_up_proj`, [2 * mlpSize, h], [from, from + mlpSize], false)
  const down = linearLayer(source, `${name}.down_proj`, h, mlpSize, false)
  return gated(own.activation, rows(0), rows(mlpSize), down)
}
