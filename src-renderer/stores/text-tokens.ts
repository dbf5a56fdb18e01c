// How sampled tokens are shown: their probability as one of five bands (a class, so that no style
// is inline),
// their text made visible, and the alternatives as sentences.
import type { SampledToken } from '../../src-worker/contract/playground'

/** Probability bands: the lower edge of each, the last is everything below. */
export const bands = [
  { name: 'p5', least: 0.75, label: '≥ 75 %' },
  { name: 'p4', least: 0.5, label: '50 – 75 %' },
  { name: 'p3', least: 0.2, label: '20 – 50 %' },
  { name: 'p2', least: 0.05, label: '5 – 20 %' },
  { name: 'p1', least: 0, label: '< 5 %' },
] as const
export type Band = (typeof bands)[number]['name']

export function bandOf(logProb: number): Band {
  const probability = Math.exp(logProb)
  return bands.find(band => probability >= band.least)?.name ?? 'p1'
}

/**
 * Token text with its white space visible, for lists; an incomplete character is said to be one.
 */
export function visible(text: string): string {
  if (text === '') return '(part of a character)'
  return text.replaceAll('\n', '↵').replaceAll('\t', '⇥').replace(/^ | $/g, '␣')
}

/** 0.4567 → "46 %", small ones with the digits that matter. */
export function percent(probability: number): string {
  const value = probability * 100
  if (value >= 9.95) return `${Math.round(value)} %`
  if (value >= 0.095) return `${value.toFixed(1)} %`
  return value > 0 ? '< 0.1 %' : '0 %'
}

export interface Alternative {
  readonly text: string
  readonly percent: string
  readonly chosen: boolean
}

/**
 * Alternatives of one token, most probable first; the chosen one is added when it is not among
 * them.
 */
export function alternatives(token: SampledToken): readonly Alternative[] {
  const rows = token.top.map(({ text, logProb }) => ({
    text: visible(text),
    logProb,
    chosen: text === token.text && Math.abs(logProb - token.logProb) < 1e-6,
  }))
  if (!rows.some(row => row.chosen))
    rows.push({ text: visible(token.text), logProb: token.logProb, chosen: true })
  rows.sort((a, b) => b.logProb - a.logProb)
  return rows.map(({ text, logProb, chosen }) => ({
    text,
    percent: percent(Math.exp(logProb)),
    chosen,
  }))
}

/** Mean negative log-probability in nats per token, or null without tokens. */
export function meanSurprise(tokens: readonly SampledToken[]): number | null {
  if (tokens.length === 0) return null
  return -tokens.reduce((sum, token) => sum + token.logProb, 0) / tokens.length
}

/** Words of two texts that differ, by longest common subsequence: for the diff of time travel. */
export function diffWords(
  before: string,
  after: string,
): readonly { readonly text: string; readonly fresh: boolean }[] {
  const a = before.match(/\s*\S+|\s+$/g) ?? []
  const b = after.match(/\s*\S+|\s+$/g) ?? []
  const length = commonLengths(a, b)
  const parts: { text: string; fresh: boolean }[] = []
  for (let i = 0, j = 0; j < b.length; ) {
    const equal = i < a.length && a[i] === b[j]
    if (!equal && i < a.length && (length[i + 1]?.[j] ?? 0) >= (length[i]?.[j + 1] ?? 0)) {
      i++
      continue
    }
    parts.push({ text: b[j] ?? '', fresh: !equal })
    j++
    if (equal) i++
  }
  return parts
}

/** [a + 1][b + 1]: length of the longest common subsequence of a[i…] and b[j…]. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly number[][] {
  const length = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = length[i] as number[]
      row[j] =
        a[i] === b[j]
          ? 1 + (length[i + 1]?.[j + 1] ?? 0)
          : Math.max(length[i + 1]?.[j] ?? 0, row[j + 1] ?? 0)
    }
  return length
}
