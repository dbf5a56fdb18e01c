// The training program for devices that must keep the state: K optimizer steps of A micro-batches in one run.
// State goes in (p.*, m.*, v.*), state comes out as p.*' …; losses [K] and gradient norms [K] beside it.
// (On the CPU program/gradient.ts and program/update.ts do the same work chunk by chunk.)
import type { PromptShape } from '../contract/snapshot'
import type { Program } from '../graph/onnx'
import { add } from '../graph/ops/elementwise'
import { zerosLike } from '../graph/ops/shape'
import { scan } from '../graph/scan'
import { floats, input, type Value } from '../graph/value'
import type { LanguageModel } from '../model/language-model'
import { type AdamOptions, type AdamState, adamW } from '../optimizer/adamw'
import { clipFactor, globalNorm, scaled } from '../optimizer/clip'
import { parameterShapes } from '../prompt/state-dict'
import { commonInputs, type FieldName, fieldInputs, listed } from './fields'
import { choiceOf, type ForwardOptions } from './forward'
import { lossScaleInputs } from './loss-scale'
import { type MicroBatchParts, microBatch } from './micro-batch'
import { adamOf, outputName } from './update'

export interface TrainOptions extends ForwardOptions {
  readonly adam: AdamOptions
  /** global norm at most; 0: never clipped */
  readonly clipNorm: number
}

type Named = readonly (readonly [string, Value])[]

interface Parts extends MicroBatchParts {
  readonly options: TrainOptions
}

/** Inputs: fields with leading axes [K, A], rate, corrections (and lossScale for float16) [K], common inputs, p.*, m.*, v.* */
export function trainProgram(
  model: LanguageModel,
  shape: PromptShape,
  options: TrainOptions,
): Program {
  const common = commonInputs(model, options)
  const fields = fieldInputs(choiceOf(shape, false), ['K', 'A'])
  const rates = ['rate', 'correction1', 'correction2'].map(n => input(n, 'float32', ['K']))
  const shapes = [...parameterShapes(shape)]
  const state = ['p', 'm', 'v'].map(part =>
    shapes.map(([name, dims]) => input(`${part}.${name}`, 'float32', dims)),
  )
  const parts: Parts = {
    model,
    shape,
    common,
    options,
    fieldNames: Object.keys(fields) as FieldName[],
    parameterNames: shapes.map(([name]) => name),
  }
  const flat = state.flat()
  const sliced = [...Object.values(fields), ...rates, ...lossScaleInputs(model.gemm, ['K'])]
  const result = scan(flat, sliced, (now, slices) => step(parts, now, slices))
  const [losses, gradNorms] = result.outputs as readonly [Value, Value]
  const stateOut: Named = flat.map((v, i) => [outputName(inputName(v)), result.state[i]!])
  return {
    inputs: [...flat, ...sliced, ...listed(common)],
    outputs: { ...Object.fromEntries(stateOut), losses, gradNorms },
  }
}

const inputName = (v: Value): string => (v.node.extra?.kind === 'input' ? v.node.extra.name : '')

/** One optimizer step. now: p…, m…, v…   slices: fields [A, …], then rate, corrections and perhaps lossScale */
function step(parts: Parts, now: readonly Value[], slices: readonly Value[]) {
  const { options, parameterNames, fieldNames } = parts
  const n = parameterNames.length
  const [rate, correction1, correction2, lossScale] = slices.slice(fieldNames.length)
  const rates = { rate: rate!, correction1: correction1!, correction2: correction2! }
  const { loss, gradients } = accumulated(
    parts,
    now.slice(0, n),
    slices.slice(0, fieldNames.length),
    lossScale,
  )
  const norm = globalNorm(gradients)
  const factor = options.clipNorm > 0 ? clipFactor(norm, options.clipNorm) : undefined
  const used = factor === undefined ? gradients : gradients.map(g => scaled(g, factor))
  const next = parameterNames.map((name, i) => {
    const adam = adamOf(parts.shape, name, options.adam)
    return adamW({ p: now[i]!, m: now[n + i]!, v: now[2 * n + i]! }, used[i]!, adam, rates)
  })
  const part = (key: keyof AdamState): readonly Value[] => next.map(s => s[key])
  return { state: [...part('p'), ...part('m'), ...part('v')], outputs: [loss, norm] }
}

/** Loss and gradients summed over A micro-batches; their weights already hold the divisor. */
function accumulated(
  parts: Parts,
  parameters: readonly Value[],
  fields: readonly Value[],
  lossScale: Value | undefined,
) {
  const zeros = [floats([], [0]), ...parameters.map(p => zerosLike(p))]
  const { state } = scan(zeros, fields, (sums, slices) => {
    const { loss, gradients } = microBatch(parts, parameters, slices, lossScale)
    return { state: [loss, ...gradients].map((v, i) => add(sums[i]!, v)), outputs: [] }
  })
  return { loss: state[0]!, gradients: state.slice(1) }
}
