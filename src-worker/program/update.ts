// The update program: one AdamW step from gradients. Large tensors go through it in slices along their first axis,
// so that a slice stays in the caches over its dozen operations.
import { elements } from '../contract/dims'
import type { PromptShape } from '../contract/snapshot'
import type { Program } from '../graph/onnx'
import { scan } from '../graph/scan'
import { input, type Value } from '../graph/value'
import {
  type AdamOptions,
  type AdamRates,
  type AdamState,
  adamW,
  corrections,
} from '../optimizer/adamw'
import { clipFactor, globalNorm, scaled } from '../optimizer/clip'
import { isTrained, parameterShapes } from '../prompt/state-dict'

export interface UpdateOptions {
  readonly adam: AdamOptions
  /** global norm at most; 0: never clipped */
  readonly clipNorm: number
}

/** Numbers a slice: its seven arrays then fill about 1 MB. */
const sliceSize = 40_000
/** Tensors above this are sliced. */
const largeSize = 1e6

/** Inputs: p.*, m.*, v.*, g.*, rate, correction1, correction2. Outputs: p.*', m.*', v.*' and gradNorm */
export function updateProgram(shape: PromptShape, options: UpdateOptions): Program {
  const rates: AdamRates = {
    rate: input('rate', 'float32', []),
    correction1: input('correction1', 'float32', []),
    correction2: input('correction2', 'float32', []),
  }
  const shapes = [...parameterShapes(shape)]
  const inputs = (prefix: string): readonly Value[] =>
    shapes.map(([name, dims]) => input(`${prefix}.${name}`, 'float32', updateDims(dims)))
  const [p, m, v, g] = ['p', 'm', 'v', 'g'].map(inputs) as [Value[], Value[], Value[], Value[]]
  const norm = globalNorm(g)
  const factor = options.clipNorm > 0 ? clipFactor(norm, options.clipNorm) : undefined
  const outputs: Record<string, Value> = {}
  shapes.forEach(([name], i) => {
    const adam = adamOf(shape, name, options.adam)
    const next = updated({ p: p[i]!, m: m[i]!, v: v[i]! }, g[i]!, adam, rates, factor)
    for (const part of ['p', 'm', 'v'] as const) outputs[outputName(`${part}.${name}`)] = next[part]
  })
  return {
    inputs: [...p, ...m, ...v, ...g, ...Object.values(rates)],
    outputs: { ...outputs, gradNorm: norm },
  }
}

/** The start rows of a subspace have no gradient; without weight decay a step leaves them as they are, bit for bit. */
export const adamOf = (shape: PromptShape, name: string, adam: AdamOptions): AdamOptions =>
  isTrained(shape, name) ? adam : { ...adam, weightDecay: 0 }

/** Name under which the new value of a state input comes out. */
export const outputName = (name: string): string => `${name}'`

function updated(
  state: AdamState,
  g: Value,
  adam: AdamOptions,
  rates: AdamRates,
  factor: Value | undefined,
): AdamState {
  const step = (now: AdamState, gradient: Value): AdamState =>
    adamW(now, factor === undefined ? gradient : scaled(gradient, factor), adam, rates)
  if (!isLarge(g.dims as readonly number[])) return step(state, g)
  const { outputs } = scan([], [state.p, state.m, state.v, g], (_, [p, m, v, dy]) => {
    const next = step({ p: p!, m: m!, v: v! }, dy!)
    return { state: [], outputs: [next.p, next.m, next.v] }
  })
  const [p, m, v] = outputs as readonly [Value, Value, Value]
  return { p, m, v }
}

const isLarge = (dims: readonly number[]): boolean => elements(dims) > largeSize

/** The dims under which a tensor goes through this program: large ones as [slices, numbers a slice]. */
export function updateDims(dims: readonly number[]): readonly number[] {
  if (!isLarge(dims)) return dims
  const count = elements(dims)
  const rows = dims[0]!
  let slices = 1
  for (let d = 1; d <= rows; d++) if (rows % d === 0 && d <= count / sliceSize) slices = d
  return [slices, count / slices]
}

/** The bias corrections of step t, counted from 1: inputs correction1 and correction2. */
export const correctionsOf = corrections
