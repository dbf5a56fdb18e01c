// Axes of the figures: 0 tokens on its own tick, then log tokens; round ticks on the linear axis.

export interface TokenAxis {
  /** pixel of a length; 0 has its own place left of the log scale */
  x(tokens: number): number
  readonly ticks: readonly number[]
  readonly hasZero: boolean
}

/** @param lengths measured; ticks stand at them, thinned where they would touch */
export function tokenAxis(lengths: readonly number[], left: number, right: number): TokenAxis {
  const positive = lengths.filter(t => t > 0).sort((a, b) => a - b)
  const hasZero = lengths.includes(0)
  const low = Math.log(positive[0] ?? 1)
  const high = Math.log(positive.at(-1) ?? 1)
  const from = hasZero ? left + Math.max(48, (right - left) / 8) : left
  const scale = high > low ? (right - from) / (high - low) : 0
  const x = (tokens: number): number =>
    tokens <= 0 ? left : scale === 0 ? (from + right) / 2 : from + (Math.log(tokens) - low) * scale
  const ticks: number[] = []
  for (const t of [...(hasZero ? [0] : []), ...positive]) {
    const last = ticks.at(-1)
    if (last === undefined || x(t) - x(last) >= 26) ticks.push(t)
  }
  return { x, ticks, hasZero }
}

export interface ValueAxis {
  y(value: number): number
  readonly ticks: readonly number[]
  text(value: number): string
}

/** A linear axis with about five round ticks that holds all values. */
export function valueAxis(values: readonly number[], top: number, bottom: number): ValueAxis {
  const finite = values.filter(Number.isFinite)
  const least = Math.min(...finite)
  const most = Math.max(...finite)
  const span = most > least ? most - least : Math.abs(most) || 1
  const rough = span / 4.5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5, 10].find(m => m * power >= rough) ?? 10) * power
  const first = Math.floor((least + 1e-9 * span) / step)
  const last = Math.max(first + 1, Math.ceil((most - 1e-9 * span) / step))
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
  const [low, high] = [first * step, last * step]
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (power * 2.5 === step ? 1 : 0))
  return {
    y: value => bottom - ((value - low) / (high - low)) * (bottom - top),
    ticks,
    text: value => value.toFixed(digits),
  }
}
