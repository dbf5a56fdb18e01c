// Damage to bytes: what disks, networks, editors and people with a purpose do to a file. Seeded: a case can be repeated.
import type { Rng } from '../../src-worker/stream/rng'

const below = (random: Rng, n: number): number => Math.floor(random.uniform() * Math.max(1, n))

/** Numbers at the edges of what readers expect. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]
const words = ['null', 'true', '-1', '1e999', '""', '[]', '{}', '"\\u0000"', '99999999999999999999']
const deep = ['['.repeat(5000), '{"a":'.repeat(5000), '(('.repeat(3000), '1. e4 ('.repeat(500)]

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
const text = (letters: string): Uint8Array => Buffer.from(letters, 'latin1')

type Damage = (bytes: Uint8Array, random: Rng, other: Uint8Array) => Uint8Array

/** A part of a text that is a number or a word becomes another one. */
const otherWord: Damage = (bytes, random) => {
  const tokens = [
    ...Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/[-\w.]+|"[^"\n]{0,40}"/g),
  ]
  const token = tokens[below(random, tokens.length)]
  if (token?.index === undefined) return bytes
  const word = words[below(random, words.length)] ?? ''
  const end = token.index + token[0].length
  return joined(bytes.subarray(0, token.index), text(word), bytes.subarray(end))
}

const atPlace =
  (change: (view: DataView, at: number, random: Rng) => void, width: number): Damage =>
  (bytes, random) => {
    if (bytes.length < width) return bytes
    const copy = Uint8Array.from(bytes)
    change(new DataView(copy.buffer), below(random, copy.length - width + 1), random)
    return copy
  }

const edge = (random: Rng): number => edges[below(random, edges.length)] ?? 0

const damages: readonly Damage[] = [
  atPlace((view, at, r) => view.setUint8(at, view.getUint8(at) ^ (1 << below(r, 8))), 1),
  atPlace((view, at, r) => view.setUint8(at, below(r, 256)), 1),
  atPlace((view, at, r) => view.setUint32(at, edge(r), true), 4),
  atPlace((view, at, r) => view.setUint32(at, edge(r), false), 4),
  atPlace((view, at, r) => view.setBigUint64(at, BigInt(edge(r)) << 16n, true), 8),
  // cut
  (bytes, r) => bytes.subarray(0, below(r, bytes.length)),
  // a part left out
  (bytes, r) => {
    const at = below(r, bytes.length)
    return joined(bytes.subarray(0, at), bytes.subarray(at + below(r, 64)))
  },
  // a part twice
  (bytes, r) => {
    const at = below(r, bytes.length)
    const end = at + below(r, 256)
    return joined(bytes.subarray(0, end), bytes.subarray(at))
  },
  // the beginning of one and the end of another
  (bytes, r, other) =>
    joined(bytes.subarray(0, below(r, bytes.length)), other.subarray(below(r, other.length))),
  (bytes, r) => {
    const at = below(r, bytes.length)
    return joined(
      bytes.subarray(0, at),
      text(deep[below(r, deep.length)] ?? ''),
      bytes.subarray(at),
    )
  },
  otherWord,
  otherWord,
]

/** One to four damages, one upon another. */
export function damaged(bytes: Uint8Array, random: Rng, other: Uint8Array): Uint8Array {
  let now = bytes
  for (let n = 1 + below(random, 4); n > 0; n--)
    now = damages[below(random, damages.length)]?.(now, random, other) ?? now
  return now
}
