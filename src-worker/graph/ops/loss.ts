// Cross-entropy of a linear head, without ever holding [tokens × vocabulary].
// Rows go through the head in chunks, one after the other; the loss's gradient is made with the loss.
import { scan } from '../scan'
import { size } from '../shape'
import type { Value } from '../value'
import { add, cast, div, exp, log, mul, softCap, sub, throughCap } from './elementwise'
import { withGradient } from './gradient'
import { matmul } from './linear'
import { max, sum, sumLast } from './reduce'
import { gather, gatherRows, reshape } from './shape'

/** The last product: logits = cap·tanh((x·Wᵀ + b)/cap). */
export interface LossHead {
  /** [V, H] */
  readonly weight: Value
  /** [V] */
  readonly bias?: Value | undefined
  readonly cap?: number | undefined
}

interface ChunkLoss {
  /** −log p(label): [r] */
  readonly nll: Value
  /** gradient of each row's nll with respect to its hidden row: [r, H] */
  readonly gradient: () => Value
}

/** A bias as a row that broadcasts over [r, V]; one number for each label. */
const plus = (x: Value, bias: Value | undefined): Value =>
  bias === undefined ? x : add(x, cast(bias, 'float32'))

/**
 * E = exp(L − max), z = ΣE:  nll = log z + max − L[y],  d nll/dh = (E·W)/z − W[y]   (5e-8 against float64)
 * h: [r, H]   head W: [V, H]   labels y: [r]
 */
function chunkLoss(h: Value, head: LossHead, labels: Value): ChunkLoss {
  const { weight, bias, cap } = head
  const logits = softCap(plus(logitsOf(h, weight), bias), cap)
  const highest = max(logits, [1], true)
  const e = exp(sub(logits, highest))
  const z = sumLast(e)
  const target = cast(gatherRows(weight, labels), 'float32')
  const ofLabel = bias && reshape(gather(bias, labels), [labels.dims[0]!, 1])
  const logit = softCap(plus(sumLast(mul(h, target)), ofLabel), cap)
  const nll = sub(add(log(z), highest), logit)
  const mixture = (): Value =>
    cast(matmul(cast(throughCap(e, logits, cap), weight.dtype), weight), 'float32')
  const gradient = (): Value => sub(div(mixture(), z), throughCap(target, logit, cap))
  return { nll: reshape(nll, [nll.dims[0]!]), gradient }
}

const logitsOf = (h: Value, w: Value): Value =>
  cast(matmul(cast(h, w.dtype), w, { transB: true }), 'float32')

const chunked = (h: Value, labels: Value): Value => reshape(h, [...labels.dims, size(h, 1)], labels)

export interface HeadLoss {
  /** Σ weight·nll, a scalar */
  readonly loss: Value
  /** [C, r] */
  readonly nll: Value
}

/**
 * Loss of labelled rows, differentiable in h.
 * h: [C·r, H]   labels: [C, r] int64   weights: [C, r]
 */
export function linearCrossEntropy(
  h: Value,
  head: LossHead,
  labels: Value,
  weights: Value,
): HeadLoss {
  const inputs = [chunked(h, labels), labels, weights]
  const { outputs } = scan([], inputs, (_, [rows, y, w]) => {
    const { nll, gradient } = chunkLoss(rows!, head, y!)
    return { state: [], outputs: [nll, mul(gradient(), reshape(w!, [w!.dims[0]!, 1]))] }
  })
  const [nll, gradient] = outputs as readonly [Value, Value]
  const loss = sum(mul(nll, weights))
  const withOwnGradient = withGradient(loss, [h], dy => [() => mul(reshape(gradient, h.dims), dy)])
  return { loss: withOwnGradient, nll }
}

/** −log p(label) of every row, without a gradient. */
export function linearNll(h: Value, head: LossHead, labels: Value): Value {
  const { outputs } = scan([], [chunked(h, labels), labels], (_, [rows, y]) => ({
    state: [],
    outputs: [chunkLoss(rows!, head, y!).nll],
  }))
  return outputs[0]!
}
