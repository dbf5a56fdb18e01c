// Activations by the names of config.json (transformers' ACT2FN), and the two kinds of MLP.
import {
  cast,
  gelu,
  lessOrEqual,
  mul,
  relu,
  sigmoid,
  tanh,
  where,
} from '../../graph/ops/elementwise'
import { swiglu } from '../../graph/ops/gradient'
import type { Value } from '../../graph/value'
import type { ConfigReader } from '../config/reader'
import type { Row } from '../language-model'

const geluTanh = (x: Value): Value => gelu(x, 'tanh')
const square = (x: Value): Value => mul(x, x)
const silu = (x: Value): Value => mul(x, sigmoid(x))

const activations = {
  gelu: x => gelu(x),
  gelu_python: x => gelu(x),
  gelu_fast: geluTanh,
  gelu_new: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_python_tanh: geluTanh,
  quick_gelu: x => mul(x, sigmoid(mul(1.702, x))),
  relu,
  relu2: x => square(relu(x)),
  sigmoid,
  silu,
  swish: silu,
  tanh,
} as const satisfies Readonly<Record<string, Row>>

export type Activation = keyof typeof activations

/** The activation that a key of config.json names. */
export function activationOf(get: ConfigReader, key: string): Activation {
  const name = get.text(key)
  if (Object.hasOwn(activations, name)) return name as Activation
  const known = Object.keys(activations).join(', ')
  throw get.refuse(
    `the activation "${name}" is not supported (${known} are)`,
    'Choose a model with one of these activations.',
  )
}

export const activate = (name: Activation, x: Value): Value => (activations[name] as Row)(x)

/** down(act(gate x)∘up x) (Shazeer 2020) */
export const gated =
  (name: Activation, gate: Row, up: Row, down: Row): Row =>
  x =>
    down(
      name === 'silu' || name === 'swish'
        ? swiglu(gate(x), up(x))
        : mul(activate(name, gate(x)), up(x)),
    )

/** down(act(up x)) */
export const plain =
  (name: Activation, up: Row, down: Row): Row =>
  x =>
    down(activate(name, up(x)))

/** x cut off at ±limit; no gradient beyond. Compared in float32: CUDA compares no bfloat16. */
export function clamp(x: Value, limit: number): Value {
  const wide = cast(x, 'float32')
  return where(lessOrEqual(wide, -limit), -limit, where(lessOrEqual(limit, wide), limit, x))
}
