// Loops: a closure traced once becomes the body of an ONNX Scan.
// Values that do not depend on the body's arguments belong to the graph around it (their scope says so).
import { fail } from '../contract/fault'
import { type Dim, deeper, makeNode, makeValue, renamed, type Scope, type Value } from './value'

export interface ScanStep {
  readonly state: readonly Value[]
  readonly outputs: readonly Value[]
}

export interface Scanned {
  /** after the last iteration */
  readonly state: readonly Value[]
  /** stacked over the iterations: [N, …] */
  readonly outputs: readonly Value[]
}

// How many bodies are being traced around the present call: tracing is synchronous and single-threaded.
let depth = 0

/**
 * for each i: (state, outputs[i]) = body(state, inputs[i])
 * @param init the first state; its dims are kept
 * @param inputs each [N, …]; the body sees […]
 */
export function scan(
  init: readonly Value[],
  inputs: readonly Value[],
  body: (state: readonly Value[], slices: readonly Value[]) => ScanStep,
): Scanned {
  const scope: Scope = { depth: depth + 1 }
  const argument = (dims: readonly Dim[], like: Value): Value =>
    makeValue('Argument', [], { dtype: like.dtype, dims }, { extra: { kind: 'argument' }, scope })
  const state = init.map(v => argument(v.dims, v))
  const slices = inputs.map(v => argument(v.dims.slice(1), v))
  depth++
  let step: ScanStep
  try {
    step = body(state, slices)
  } finally {
    depth--
  }
  return scanNode(init, inputs, scope, [...state, ...slices], step)
}

function scanNode(
  init: readonly Value[],
  inputs: readonly Value[],
  scope: Scope,
  args: readonly Value[],
  step: ScanStep,
): Scanned {
  const count = inputs[0]?.dims[0] ?? fail('a scan needs an input to count its iterations')
  const results = [...step.state, ...step.outputs]
  const captured = capturedBy(results, scope)
  const types = [
    ...init.map(({ dtype, dims }) => ({ dtype, dims })),
    ...step.outputs.map(({ dtype, dims }) => ({ dtype, dims: [count, ...dims] })),
  ]
  const outer = captured.reduce<Scope | undefined>((s, v) => deeper(s, v.node.scope), undefined)
  const values = makeNode('Scan', [...init, ...inputs], types, {
    attributes: { num_scan_inputs: { int: inputs.length } },
    extra: {
      kind: 'scan',
      body: { scope, arguments: args, results, stateCount: init.length, captured },
    },
    scope: outer,
  })
  return { state: values.slice(0, init.length), outputs: values.slice(init.length) }
}

/** Values outside the body that its results read, directly or through an inner scan. */
function capturedBy(results: readonly Value[], scope: Scope): readonly Value[] {
  const captured = new Set<Value>()
  const seen = new Set<Value>()
  const stack = [...results].reverse()
  while (stack.length > 0) {
    const value = stack.pop()!
    if (seen.has(value)) continue
    seen.add(value)
    if (value.node.scope !== scope) captured.add(value)
    else stack.push(...[...dependencies(value)].reverse())
  }
  return [...captured]
}

/** Everything that must be known before a value: its node's inputs, what a scan's body reads, or an alias's target. */
export function dependencies(value: Value): readonly Value[] {
  const { inputs, extra } = value.node
  const same = renamed(value.node)
  if (same !== undefined) return [same]
  const present = inputs.filter(v => v !== undefined)
  return extra?.kind === 'scan' ? [...present, ...extra.body.captured] : present
}
