// Several decoding steps in one run, each token drawn inside the program from uniform numbers that are fed: for devices
// where the key-value cache would cross to the host and back with every token (onnxruntime-node binds no CUDA memory).
// Letters: B lanes, K steps, C slots of the cache, N heads, D head width, V vocabulary, A alternatives reported.
import type { AttentionForm } from '../contract/model'
import type { Program } from '../graph/onnx'
import { equal } from '../graph/ops/choose'
import { add, lessOrEqual, softCap, where } from '../graph/ops/elementwise'
import { matmul } from '../graph/ops/linear'
import { softmax } from '../graph/ops/norm'
import { concat, gatherRows, reshape, shapeOf, split } from '../graph/ops/shape'
import { scan } from '../graph/scan'
import { dim, size } from '../graph/shape'
import { type Dim, input, ints, makeValue, type Value } from '../graph/value'
import { type LanguageModel, type RotaryValues, rotate } from '../model/language-model'
import { formed, joinHeads, splitHeads } from '../model/layers/attention'
import {
  cacheInputs,
  cacheSlots,
  logitsOf,
  roomOf,
  type SlotsOfWindows,
  slotInputs,
} from './decode'
import { choose } from './draw'
import { tableInputs } from './fields'

function stepInputs(model: LanguageModel) {
  const int = (name: string, ...dims: Dim[]): Value => input(name, 'int64', dims)
  const float = (name: string, ...dims: Dim[]): Value => input(name, 'float32', dims)
  return {
    /** [B]: the token written last, and its position */
    token: int('token', 'B'),
    positions: int('positions', 'B', 1),
    /** [K]: 0 … K−1 */
    steps: int('steps', 'K'),
    /** [K, B], uniform in [0, 1) */
    uniforms: float('uniforms', 'K', 'B'),
    /** [B, V]: 1 for tokens of the lane so far */
    seen: float('seen', 'B', model.config.vocabularySize),
    penalty: float('penalty'),
    inverseTemperature: float('inverseTemperature'),
    /** [1]: V keeps all */
    topK: int('topK', 1),
    topP: float('topP'),
    /** ln of min-p, −1e30 for none */
    logMinP: float('logMinP'),
  }
}
type StepInputs = ReturnType<typeof stepInputs>

interface Pair {
  readonly k: Value
  readonly v: Value
}

/** What an iteration hands on. */
interface State {
  /** [B] */
  readonly token: Value
  /** [B, V] */
  readonly seen: Value
  /** keys and values of the steps so far: [B, Nkv, K, D] each */
  readonly own: readonly Pair[]
}

interface StepContext {
  readonly model: LanguageModel
  readonly inputs: StepInputs
  readonly slots: SlotsOfWindows
  readonly tables: readonly RotaryValues[]
  readonly caches: readonly Pair[]
  /** [] int64 */
  readonly step: Value
}

/** Masks of cache and own steps, with the layer's window and slopes. */
function masksOf({ inputs, slots, step }: StepContext, form: AttentionForm) {
  const { mask, positions } = slots.get(form.window)!
  const future = where(lessOrEqual(inputs.steps, step), 0, -1e30)
  if (form.window === undefined && form.slopes === undefined) return { past: mask, own: future }
  const first = reshape(inputs.positions, ['B', 1, 1, 1])
  const at = add(first, step)
  const own = add(first, inputs.steps)
  return { past: formed(mask, positions!, at, form), own: formed(future, own, at, form) }
}

/** softmax over cache and own steps.   q: [B, N, 1, D] → [B, N, 1, D] */
function attendStep(
  context: StepContext,
  form: AttentionForm,
  q: Value,
  cache: Pair,
  own: Pair,
): Value {
  const [b, n] = q.dims as readonly [Dim, number]
  const { kvHeads } = context.model.config
  const groups = n / kvHeads
  const toGroups = (x: Value): Value =>
    groups === 1 ? x : reshape(x, [b, kvHeads, groups, dim(x, 3)])
  const toHeads = (x: Value): Value => (groups === 1 ? x : reshape(x, [b, n, 1, dim(x, 3)]))
  const score = (k: Value): Value =>
    softCap(toHeads(matmul(toGroups(q), k, { transB: true, alpha: form.scale })), form.cap)
  const masks = masksOf(context, form)
  const scores = [add(score(cache.k), masks.past), add(score(own.k), masks.own)]
  const p = softmax(concat(scores, 3, 'C+K'))
  // of values around the loop: computed in its body, CUDA would copy them to the device and back with every token
  const sizes = concat([shapeOf(cache.k, 2, 3), shapeOf(context.inputs.steps)], 0)
  const [ofCache, ofOwn] = split(p, 3, [roomOf(form.window), 'K'], sizes) as readonly [Value, Value]
  return toHeads(add(matmul(toGroups(ofCache), cache.v), matmul(toGroups(ofOwn), own.v)))
}

/** Puts this step's [B, N, 1, D] into its place among [B, N, K, D]. */
function placed({ inputs, step }: StepContext, fresh: Value, own: Value): Value {
  const here = reshape(equal(inputs.steps, step), ['K', 1])
  return where(here, fresh, own)
}

/** Logits of the next token, [B, V], and the keys and values with this step's. */
function forward(context: StepContext, state: State): { logits: Value; own: readonly Pair[] } {
  const { model, inputs, tables, caches, step } = context
  const { heads, kvHeads, attentions } = model.config
  const positions = add(inputs.positions, step)
  const lanes = (x: Value): Value => reshape(x, ['B', 1, size(x, 1)])
  let x = written(model, state.token, positions)
  const own = model.blocks.map((block, i) => {
    const form = attentions[i]!
    const turned = (y: Value, count: number): Value =>
      splitHeads(rotate(model, form, lanes(y), count, positions, tables), count)
    const { q, k, v } = block.project(x)
    const pair = {
      k: placed(context, turned(k, kvHeads), state.own[i]!.k),
      v: placed(context, splitHeads(lanes(v), kvHeads), state.own[i]!.v),
    }
    const attended = joinHeads(attendStep(context, form, turned(q, heads), caches[i]!, pair))
    // [B·1, N·D] → [B, N·D]
    x = block.output(block.skip(x), reshape(attended, ['B', size(attended, 1)]))
    return pair
  })
  return { logits: logitsOf(model, x), own }
}

/** Rows of the tokens written last, before the first block. token: [B]   positions: [B, 1] → [B, W] */
function written(model: LanguageModel, token: Value, positions: Value): Value {
  const x = model.enter(model.embed(token))
  if (model.positions === undefined) return x
  return add(x, gatherRows(model.positions, reshape(positions, ['B'])))
}

/** Zeros [B, Nkv, K, D]. */
function emptyOwn({ config }: LanguageModel, { token, steps }: StepInputs): Value {
  const { kvHeads, headDim } = config
  const shape = concat([shapeOf(token), ints([kvHeads]), shapeOf(steps), ints([headDim])], 0, 4)
  const dims = ['B', kvHeads, 'K', headDim]
  return makeValue('ConstantOfShape', [shape], { dtype: 'float32', dims })
}

/**
 * Inputs: see stepInputs, and k0, v0 … [B, Nkv, C, D].
 * Outputs: tokens [K, B], logProbs [K, B], topTokens and topLogProbs [K, B, A], and freshK0, freshV0 … [B, Nkv, K, D]
 * of the token fed and of all tokens written but the last.
 */
export function sampledStepsProgram(model: LanguageModel): Program {
  const inputs = stepInputs(model)
  const { vocabularySize } = model.config
  const slots = cacheSlots(model)
  const tables = tableInputs(model.config)
  const caches = cacheInputs(model)
  const empty = emptyOwn(model, inputs)
  const init = [inputs.token, inputs.seen, ...caches.flatMap(() => [empty, empty])]
  const scanned = scan(
    init,
    [inputs.steps, inputs.uniforms],
    ([token, seen, ...own], [step, u]) => {
      const pairs = model.blocks.map((_, i) => ({ k: own[2 * i]!, v: own[2 * i + 1]! }))
      const context = { model, inputs, slots, tables, caches, step: step! }
      const next = forward(context, { token: token!, seen: seen!, own: pairs })
      const chosen = choose(inputs, next.logits, seen!, u!, vocabularySize)
      const { token: written, logProb, topTokens, topLogProbs } = chosen.outputs
      return {
        state: [written, chosen.seen, ...next.own.flatMap(({ k, v }) => [k, v])],
        outputs: [written, logProb, topTokens, topLogProbs],
      }
    },
  )
  const [tokens, logProbs, topTokens, topLogProbs] = scanned.outputs
  const fresh = model.blocks.flatMap((_, i) => [
    [`freshK${i}`, scanned.state[2 + 2 * i]!] as const,
    [`freshV${i}`, scanned.state[3 + 2 * i]!] as const,
  ])
  const { token, positions, steps, uniforms, ...drawing } = inputs
  return {
    inputs: [
      ...[token, positions, steps, uniforms],
      ...slotInputs(slots),
      ...tables.flatMap(({ cos, sin }) => [cos, sin]),
      ...Object.values(drawing),
      ...caches.flatMap(({ k, v }) => [k, v]),
    ],
    outputs: {
      tokens: tokens!,
      logProbs: logProbs!,
      topTokens: topTokens!,
      topLogProbs: topLogProbs!,
      ...Object.fromEntries(fresh),
    },
  }
}
