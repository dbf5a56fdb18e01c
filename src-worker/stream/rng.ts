// The one source of randomness: xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32.
// Its four words of state are plain numbers, so a checkpoint holds them and a resumed run draws the same numbers.

export type RngState = readonly [number, number, number, number]

export interface Rng {
  /** uniform integer in [0, 2³²) */
  word(): number
  /** uniform in [0, 1), 53 bits */
  uniform(): number
  /** uniform integer in [0, n); n ≤ 2³² */
  below(n: number): number
  /** standard normal (Box–Muller, cosine branch only, so that no spare is part of the state) */
  normal(): number
  state(): RngState
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

/** splitmix32: spreads a seed over the four words. */
function spread(seed: number): RngState {
  let z = seed >>> 0
  const next = (): number => {
    z = (z + 0x9e3779b9) >>> 0
    let x = z
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    return (x ^ (x >>> 16)) >>> 0
  }
  return [next(), next(), next(), next()]
}

/** A generator that continues from a saved state. */
export function rngFrom(state: RngState): Rng {
  // signed words in an array: a number above 2³¹ in a variable would be an object at each step
  const s = Int32Array.from(state)
  const word = (): number => {
    const a = s[0] ?? 0
    const b = s[1] ?? 0
    const c = (s[2] ?? 0) ^ a
    const d = (s[3] ?? 0) ^ b
    s[0] = a ^ d
    s[1] = b ^ c
    s[2] = c ^ (b << 9)
    s[3] = rotl(d, 11)
    return Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0
  }
  const uniform = (): number => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992
  return {
    word,
    uniform,
    below: n => Math.floor(uniform() * n),
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
      return radius * Math.cos(2 * Math.PI * uniform())
    },
    state: () => {
      const [a = 0, b = 0, c = 0, d = 0] = new Uint32Array(s)
      return [a, b, c, d]
    },
  }
}

/** FNV-1a over the UTF-16 code units: gives each purpose its own stream of the run's seed. */
function labelHash(label: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193)
  return h >>> 0
}

/**
 * A generator for one purpose of one seed, for instance `rng(5, 'prompt-init')`: streams of different
 * labels are independent, so adding a draw in one place changes nothing elsewhere.
 */
export function rng(seed: number, label = ''): Rng {
  return rngFrom(spread((Math.imul(seed | 0, 0x9e3779b1) ^ labelHash(label)) >>> 0))
}
