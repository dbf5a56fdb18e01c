// Attention with linear biases (Press et al. 2022).

/** 2^(−8i/n) for i = 1 … n, n a power of two; else those of the next lower power, then every second of the next higher. */
export function alibiSlopes(heads: number): readonly number[] {
  const power = 2 ** Math.floor(Math.log2(heads))
  const slopes = (n: number): number[] =>
    Array.from({ length: n }, (_, i) => 2 ** ((-8 * (i + 1)) / n))
  const between = slopes(2 * power).filter((_, i) => i % 2 === 0)
  return [...slopes(power), ...between].slice(0, heads)
}
