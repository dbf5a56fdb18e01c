// onnxruntime's arena, worked out by hand and by what its own log said of a session.
import { describe, expect, it } from 'vitest'
import { arena, blocksFor } from '../../src-worker/graph/arena'

const mebibyte = 2 ** 20

describe('arena', () => {
  it('blocks double, and what does not fit makes the next one as large as it must be', () => {
    const held = arena()
    held.take(100)
    expect(held.total()).toBe(mebibyte)
    held.take(mebibyte)
    expect(held.total()).toBe(3 * mebibyte)
    held.take(200 * mebibyte)
    expect(held.total()).toBe((3 + 256) * mebibyte)
  })

  it('more than a GiB is taken as it is', () => {
    const held = arena()
    held.take(1500 * mebibyte)
    expect(held.total()).toBe(1500 * mebibyte)
  })

  it('neighbours that are free become one', () => {
    const held = arena()
    const [a, b] = [held.take(mebibyte / 4), held.take(mebibyte / 4)]
    held.give(a)
    held.give(b)
    held.take(mebibyte)
    expect(held.total()).toBe(mebibyte)
    expect(held.most()).toBe(mebibyte)
  })

  it('two pieces that do not touch are not one', () => {
    const held = arena()
    const [a, , c] = [1, 2, 3].map(() => held.take(mebibyte / 4))
    held.give(a!)
    held.give(c!)
    held.take((3 * mebibyte) / 4)
    expect(held.total()).toBe(3 * mebibyte)
  })

  it('blocks for so many bytes', () => {
    expect(blocksFor(0)).toBe(0)
    expect(blocksFor(mebibyte + 1)).toBe(3 * mebibyte)
    expect(blocksFor(2 ** 30)).toBe((1023 + 1024) * mebibyte)
  })
})
