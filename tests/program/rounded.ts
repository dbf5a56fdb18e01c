// bfloat16 on the CPU, as a GPU has it: every operator computes in float32 and its result is rounded. onnxruntime's CPU
// provider has no such kernels, so a program's values are written anew; a Reshape, which bfloat16 survives, stands
// between a cast to bfloat16 and the one back, for the provider takes pairs of casts out.
import type { Program } from '../../src-worker/graph/onnx'
import { cast } from '../../src-worker/graph/ops/elementwise'
import { shapeOf, toShape } from '../../src-worker/graph/ops/shape'
import { scan } from '../../src-worker/graph/scan'
import { makeNode, renamed, type Value } from '../../src-worker/graph/value'

const round = (x: Value): Value => {
  const low = cast(x, 'bfloat16')
  return cast(toShape(low, shapeOf(low), low.dims), 'float32')
}

/** The same program, its bfloat16 values as float32 that are rounded to bfloat16. */
export function rounded({ inputs, outputs }: Program): Program {
  const known = new Map<Value, Value>()
  const of = (v: Value): Value => {
    const found = known.get(v)
    if (found !== undefined) return found
    const made = written(v, of, known)
    known.set(v, made)
    return made
  }
  const named = Object.entries(outputs).map(([name, v]) => [name, of(v)] as const)
  return { inputs, outputs: Object.fromEntries(named) }
}

function written(v: Value, of: (v: Value) => Value, known: Map<Value, Value>): Value {
  const { node } = v
  const same = renamed(node)
  if (same !== undefined) return of(same)
  if (node.extra?.kind === 'scan') return scanned(v, of, known)
  if (node.extra?.kind === 'weight' && v.dtype === 'bfloat16') return cast(v, 'float32')
  if (node.extra !== undefined) return v
  const inputs = node.inputs.map(x => x && of(x))
  if (node.op === 'Cast') {
    const [x] = inputs as [Value]
    if (v.dtype === 'bfloat16') return round(cast(x, 'float32'))
    return cast(x, v.dtype)
  }
  const types = node.outputs.map(({ dtype, dims }) => ({
    dtype: dtype === 'bfloat16' ? ('float32' as const) : dtype,
    dims,
  }))
  const { op, domain, attributes } = node
  const options = { attributes, ...(domain === 'com.microsoft' && { domain }) }
  const made = makeNode(op, inputs, types, options)
  node.outputs.forEach((out, i) => {
    known.set(out, out.dtype === 'bfloat16' ? round(made[i]!) : made[i]!)
  })
  return known.get(v)!
}

function scanned(v: Value, of: (v: Value) => Value, known: Map<Value, Value>): Value {
  const { node } = v
  if (node.extra?.kind !== 'scan') throw new Error('not a scan')
  const { body } = node.extra
  const count = body.stateCount
  const outer = node.inputs.map(x => of(x!))
  const { state, outputs } = scan(outer.slice(0, count), outer.slice(count), (before, slices) => {
    ;[...before, ...slices].forEach((x, i) => {
      known.set(body.arguments[i]!, x)
    })
    const results = body.results.map(of)
    return { state: results.slice(0, count), outputs: results.slice(count) }
  })
  ;[...state, ...outputs].forEach((x, i) => {
    known.set(node.outputs[i]!, x)
  })
  return known.get(v)!
}
