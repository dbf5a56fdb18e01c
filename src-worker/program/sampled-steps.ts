// Several decoding steps in one run, each token drawn inside the program from uniform numbers that are fed: for devices
// where the key-value cache would cross to the host and back with every token (onnxruntime-node binds no CUDA memory).
// Letters: B lanes, K steps, C slots of the cache, N heads, D head width, V vocabulary, A alternatives told.
import type { Program } from '../graph/onnx'
import { counting, entryAt, equal, largest, leastLast, runningSum } from '../graph/ops/choose'
import {
  add,
  cast,
  div,
  exp,
  lessOrEqual,
  log,
  minimum,
  mul,
  neg,
  sub,
  where,
} from '../graph/ops/elementwise'
import { matmul } from '../graph/ops/linear'
import { softmax } from '../graph/ops/norm'
import { max, sum } from '../graph/ops/reduce'
import { concat, reshape, shapeOf, slice, split } from '../graph/ops/shape'
import { scan } from '../graph/scan'
import { dim, size } from '../graph/shape'
import { type Dim, input, ints, makeValue, type Value } from '../graph/value'
import { type LanguageModel, rotate } from '../model/language-model'
import { joinHeads, splitHeads } from '../model/layers/attention'
import { linear } from '../model/layers/linear'
import { rotaryWidth } from './forward'

/** How many of the most probable tokens are told with each step. */
export const alternatives = 20

function stepInputs(model: LanguageModel) {
  const int = (name: string, ...dims: Dim[]): Value => input(name, 'int64', dims)
  const float = (name: string, ...dims: Dim[]): Value => input(name, 'float32', dims)
  const width = rotaryWidth(model)
  return {
    /** [B]: the token written last, and its position */
    token: int('token', 'B'),
    positions: int('positions', 'B', 1),
    /** [K]: 0 … K−1 */
    steps: int('steps', 'K'),
    /** [K, B], uniform in [0, 1) */
    uniforms: float('uniforms', 'K', 'B'),
    cacheMask: float('cacheMask', 'B', 1, 1, 'C'),
    cos: float('cos', 'L', width),
    sin: float('sin', 'L', width),
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
  readonly caches: readonly Pair[]
  /** [] int64 */
  readonly step: Value
}

/** softmax over cache and own steps.   q: [B, N, 1, D] → [B, N, 1, D] */
function attendStep({ model, inputs, step }: StepContext, q: Value, cache: Pair, own: Pair): Value {
  const [b, n] = q.dims as readonly [Dim, number]
  const groups = n / model.keyHeads
  const toGroups = (x: Value): Value =>
    groups === 1 ? x : reshape(x, [b, model.keyHeads, groups, dim(x, 3)])
  const toHeads = (x: Value): Value => (groups === 1 ? x : reshape(x, [b, n, 1, dim(x, 3)]))
  const alpha = 1 / Math.sqrt(size(q, 3))
  const score = (k: Value): Value => toHeads(matmul(toGroups(q), k, { transB: true, alpha }))
  const future = where(lessOrEqual(inputs.steps, step), 0, -1e30)
  const scores = [add(score(cache.k), inputs.cacheMask), add(score(own.k), future)]
  const p = softmax(concat(scores, 3, 'C+K'))
  const sizes = concat([shapeOf(cache.k, 2, 3), shapeOf(own.k, 2, 3)], 0)
  const [ofCache, ofOwn] = split(p, 3, ['C', 'K'], sizes) as readonly [Value, Value]
  return toHeads(add(matmul(toGroups(ofCache), cache.v), matmul(toGroups(ofOwn), own.v)))
}

/** Puts this step's [B, N, 1, D] into its place among [B, N, K, D]. */
function placed({ inputs, step }: StepContext, fresh: Value, own: Value): Value {
  const here = reshape(equal(inputs.steps, step), ['K', 1])
  return where(here, fresh, own)
}

/** Logits of the next token, [B, V], and the keys and values with this step's. */
function forward(context: StepContext, state: State): { logits: Value; own: readonly Pair[] } {
  const { model, inputs, caches, step } = context
  const positions = add(inputs.positions, step)
  const heads = (x: Value, count: number, rotated: boolean): Value => {
    const lanes = reshape(x, ['B', 1, size(x, 1)])
    return splitHeads(rotated ? rotate(model, lanes, count, positions, inputs) : lanes, count)
  }
  let x = model.embed(state.token)
  const own = model.blocks.map((block, i) => {
    const { q, k, v } = block.project(x)
    const pair = {
      k: placed(context, heads(k, model.keyHeads, true), state.own[i]!.k),
      v: placed(context, heads(v, model.keyHeads, false), state.own[i]!.v),
    }
    const turned = heads(q, model.config.heads, true)
    const attended = joinHeads(attendStep(context, turned, caches[i]!, pair))
    // [B·1, N·D] → [B, N·D]
    x = block.late(block.early(x), reshape(attended, ['B', size(attended, 1)]))
    return pair
  })
  return { logits: linear(model.finalNorm(x), model.head), own }
}

/** Weights of the tokens that may follow, 0 for the others: as sample/pick.ts. [B, V] */
function weightsOf(inputs: StepInputs, logits: Value, seen: Value): Value {
  const { penalty, inverseTemperature, topK, topP, logMinP } = inputs
  const positive = lessOrEqual(neg(logits), 0)
  const penalised = where(positive, div(logits, penalty), mul(logits, penalty))
  const changed = mul(where(lessOrEqual(seen, 0), logits, penalised), inverseTemperature)
  const { values } = largest(changed, topK, 'k')
  const p = softmax(values)
  const before = sub(runningSum(p), p)
  const inNucleus = lessOrEqual(add(before, 1e-9), topP)
  const nucleus = leastLast(where(inNucleus, values, 1e30))
  const highest = max(changed, [1], true)
  const least = where(lessOrEqual(nucleus, add(highest, logMinP)), add(highest, logMinP), nucleus)
  return where(lessOrEqual(least, changed), exp(sub(changed, highest)), 0)
}

/** The first token whose running sum of weights exceeds u of their total. weights: [B, V]   u: [B] → [B, 1] int64 */
function drawn(weights: Value, u: Value, vocabulary: number): Value {
  const running = runningSum(weights)
  const total = slice(running, 1, vocabulary - 1, vocabulary)
  const target = mul(reshape(u, ['B', 1]), total)
  const passed = sum(where(lessOrEqual(running, target), 1, 0), [1], true)
  return cast(minimum(passed, vocabulary - 1), 'int64')
}

function logTotal(logits: Value): Value {
  const highest = max(logits, [1], true)
  return add(highest, log(sum(exp(sub(logits, highest)), [1], true)))
}

/** Zeros [B, Nkv, K, D]. */
function emptyOwn(model: LanguageModel, { token, steps }: StepInputs): Value {
  const { keyHeads, config } = model
  const shape = concat(
    [shapeOf(token), ints([keyHeads]), shapeOf(steps), ints([config.headDim])],
    0,
    4,
  )
  const dims = ['B', keyHeads, 'K', config.headDim]
  return makeValue('ConstantOfShape', [shape], { dtype: 'float32', dims })
}

interface StepOutputs {
  readonly token: Value
  readonly logProb: Value
  readonly topTokens: Value
  readonly topLogProbs: Value
}

function choose(inputs: StepInputs, logits: Value, seen: Value, u: Value, vocabulary: number) {
  const token = drawn(weightsOf(inputs, logits, seen), u, vocabulary)
  const logZ = logTotal(logits)
  const count = Math.min(alternatives, vocabulary)
  const { values, indices } = largest(logits, ints([count]), count)
  const outputs: StepOutputs = {
    token: reshape(token, ['B']),
    logProb: reshape(sub(entryAt(logits, token, vocabulary), logZ), ['B']),
    topTokens: indices,
    topLogProbs: sub(values, logZ),
  }
  return { outputs, seen: where(equal(counting(vocabulary), token), 1, seen) }
}

/**
 * Inputs: see stepInputs, and k0, v0 … [B, Nkv, C, D].
 * Outputs: tokens [K, B], logProbs [K, B], topTokens and topLogProbs [K, B, A], and freshK0, freshV0 … [B, Nkv, K, D]
 * of the token fed and of all tokens written but the last.
 */
export function sampledStepsProgram(model: LanguageModel): Program {
  const inputs = stepInputs(model)
  const { vocabularySize, headDim } = model.config
  const caches = model.blocks.map((_, i) => {
    const dims = ['B', model.keyHeads, 'C', headDim]
    return { k: input(`k${i}`, 'float32', dims), v: input(`v${i}`, 'float32', dims) }
  })
  const empty = emptyOwn(model, inputs)
  const init = [inputs.token, inputs.seen, ...caches.flatMap(() => [empty, empty])]
  const scanned = scan(
    init,
    [inputs.steps, inputs.uniforms],
    ([token, seen, ...own], [step, u]) => {
      const pairs = model.blocks.map((_, i) => ({ k: own[2 * i]!, v: own[2 * i + 1]! }))
      const context = { model, inputs, caches, step: step! }
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
  return {
    inputs: [...Object.values(inputs), ...caches.flatMap(({ k, v }) => [k, v])],
    outputs: {
      tokens: tokens!,
      logProbs: logProbs!,
      topTokens: topTokens!,
      topLogProbs: topLogProbs!,
      ...Object.fromEntries(fresh),
    },
  }
}
