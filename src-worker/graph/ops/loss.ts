// Cross-entropy of a linear head, without ever holding [tokens × vocabulary].
// Rows go through the head in chunks, one after the other; the loss's gradient is made with the loss.
import { scan } from '../scan'
import { size } from '../shape'
import type { Value } from '../value'
import { add, cast, exp, mul, softCap, sub, throughCap } from './elementwise'
import { matmul } from './linear'
import { logSoftmax, softmax } from './norm'
import { sum, sumLast } from './reduce'
import { concat, gather, gatherRows, reshape, shapeOf, slice, toShape } from './shape'
import { withGradient } from './with-gradient'

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
 * ℓ = log softmax L, log z = L − ℓ in any column:  nll = log z − L[y],  d nll/dh = exp ℓ·W − W[y]
 * L[y] = Σ h∘W[y] in float32, whatever the products are in.
 * h: [r, H]   head W: [V, H]   labels y: [r]
 */
function chunkLoss(h: Value, head: LossHead, labels: Value): ChunkLoss {
  const { weight, bias, cap } = head
  const made = matmul(cast(h, weight.dtype), weight, { transB: true })
  const logits = softCap(plus(cast(made, 'float32'), bias), cap)
  const logP = logSoftmax(logits)
  const column = (x: Value): Value => slice(x, 1, 0, 1)
  const first = column(logP)
  const logZ = sub(column(logits), first)
  const target = cast(gatherRows(weight, labels), 'float32')
  const ofLabel = bias && reshape(gather(bias, labels), [labels.dims[0]!, 1])
  const logit = softCap(plus(sumLast(mul(cast(h, 'float32'), target)), ofLabel), cap)
  const nll = sub(logZ, logit)
  const likely = (): Value =>
    isPlain(head)
      ? softmax(made)
      : cast(throughCap(exp(readLast(logP, first)), logits, cap), weight.dtype)
  const mixture = (): Value => cast(matmul(likely(), weight), 'float32')
  const gradient = (): Value => sub(mixture(), throughCap(target, logit, cap))
  return { nll: reshape(nll, [nll.dims[0]!]), gradient }
}

/** x [r, V], but not before its column was read: then its place is free for what is made of it. */
const readLast = (x: Value, column: Value): Value =>
  toShape(x, concat([shapeOf(column, 0, 1), shapeOf(x, 1, 2)], 0), x.dims)

/** In bfloat16 the product itself has probabilities, in one pass over [r, V] instead of three. */
const isPlain = ({ weight, bias, cap }: LossHead): boolean =>
  weight.dtype === 'bfloat16' && bias === undefined && cap === undefined

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
  const withOwnGradient = withGradient(loss, [h], dy => [
    () => cast(mul(reshape(gradient, h.dims), dy), h.dtype),
  ])
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
