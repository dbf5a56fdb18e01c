// AdamW (Loshchilov & Hutter 2019), as torch.optim.AdamW computes it.
import { add, div, mul, sqrt, sub } from '../graph/ops/elementwise'
import type { Value } from '../graph/value'

export interface AdamOptions {
  readonly beta1: number
  readonly beta2: number
  readonly eps: number
  readonly weightDecay: number
}

/** What changes from step to step; scalars made outside, in float64. */
export interface AdamRates {
  readonly rate: Value
  /** 1/(1 − β₁ᵗ) */
  readonly correction1: Value
  /** 1/(1 − β₂ᵗ) */
  readonly correction2: Value
}

export interface AdamState {
  readonly p: Value
  readonly m: Value
  readonly v: Value
}

/** One step. g: the gradient of p */
export function adamW(state: AdamState, g: Value, h: AdamOptions, rates: AdamRates): AdamState {
  const { p, m, v } = state
  const m1 = add(mul(h.beta1, m), mul(1 - h.beta1, g))
  const v1 = add(mul(h.beta2, v), mul(1 - h.beta2, mul(g, g)))
  const mHat = mul(m1, rates.correction1)
  const vHat = mul(v1, rates.correction2)
  const step = add(div(mHat, add(sqrt(vHat), h.eps)), mul(h.weightDecay, p))
  return { p: sub(p, mul(rates.rate, step)), m: m1, v: v1 }
}

/** The corrections of step t, counted from 1. */
export const corrections = (h: AdamOptions, t: number): readonly [number, number] => [
  1 / (1 - h.beta1 ** t),
  1 / (1 - h.beta2 ** t),
]
