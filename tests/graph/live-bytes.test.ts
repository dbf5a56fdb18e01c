// What a program holds at once, worked out by hand.
import { describe, expect, it } from 'vitest'
import { frozenBytes, layOnDevice, liveBytes } from '../../src-worker/graph/live-bytes'
import { add, exp, mul } from '../../src-worker/graph/ops/elementwise'
import { matmul } from '../../src-worker/graph/ops/linear'
import { sum } from '../../src-worker/graph/ops/reduce'
import { gather, reshape, transpose } from '../../src-worker/graph/ops/shape'
import { scan } from '../../src-worker/graph/scan'
import { partOf, product, sizeOf, total } from '../../src-worker/graph/shape'
import { floats, input, type Value, weight } from '../../src-worker/graph/value'

const x = (...dims: readonly (number | string)[]): Value => input('x', 'float32', dims)
const live = (y: Value, sizes = {}): number =>
  liveBytes({ inputs: [], outputs: { y } }, { B: 3, S: 5, ...sizes })

describe('liveBytes', () => {
  it('what is fed is not counted; a result is', () => {
    expect(live(exp(x(2, 8)))).toBe(4 * 16)
  })

  it('a chain that nothing else reads is written into one place', () => {
    expect(live(exp(add(mul(x(10), 2), 1)))).toBe(4 * 10)
  })

  it('what is read again later is held until then', () => {
    const a = exp(x(10)) //          40 bytes, read by b and by the sum
    const b = transpose(reshape(a, [2, 5]), [1, 0]) // 40 more: a transpose writes elsewhere
    const c = matmul(b, b, { transA: true }) // [2, 2] → 16 while a and b are held
    expect(live(add(sum(c, [0, 1]), sum(a, [0])))).toBe(40 + 40 + 16)
  })

  it('a view costs nothing and keeps what it looks at', () => {
    const a = exp(x(10))
    const view = reshape(a, [2, 5])
    const t = transpose(view, [1, 0])
    expect(live(mul(reshape(t, [10]), a))).toBe(40 + 40)
  })

  it('sizes come from the symbols, types from the values', () => {
    const rows = gather(x('S', 7), input('i', 'int64', ['B', 2]))
    expect(live(rows)).toBe(4 * 3 * 2 * 7)
    expect(live(transpose(rows, [1, 0, 2]))).toBe(2 * 4 * 3 * 2 * 7)
  })

  it('what weights alone decide is made when the session opens', () => {
    const w = weight('float32', [100], { name: 'w', file: '', offset: 0, length: 400 })
    expect(live(mul(x(1), mul(w, floats([], [2]))))).toBe(400)
  })

  it('the inside of a loop is held while it runs, once', () => {
    const { outputs } = scan([], [x('B', 10)], (_, [row]) => {
      const wide = mul(reshape(row!, [10, 1]), reshape(row!, [1, 10]))
      return { state: [], outputs: [sum(wide, [1])] }
    })
    // [10, 10] and its sum, beside the stacked results
    expect(live(outputs[0]!)).toBe(4 * 3 * 10 + 4 * (100 + 10))
  })
})

describe('on a device', () => {
  const laid = (y: Value): number => {
    let [now, most] = [0, 0]
    const take = (bytes: number): number => {
      now += bytes
      most = Math.max(most, now)
      return bytes
    }
    const give = (bytes: number): void => {
      now -= bytes
    }
    layOnDevice({ inputs: [], outputs: { y } }, { B: 3, S: 5 }, { take, give })
    expect(now).toBe(0)
    return most
  }

  it('elementwise operators write elsewhere', () => {
    expect(laid(exp(add(mul(x(10), 2), 1)))).toBe(2 * 4 * 10)
  })

  it('a state lies there twice more between steps', () => {
    const { state } = scan([x(10)], [x('B', 1)], ([s], [row]) => ({
      state: [add(s!, row!)],
      outputs: [],
    }))
    // what comes out, two in between, and the sum itself
    expect(laid(state[0]!)).toBe(4 * 4 * 10)
  })

  it('weights count as operators read them', () => {
    const w = weight('float32', [100], { name: 'w', file: '', offset: 0, length: 400 })
    const y = mul(x(1), mul(w, floats([], [2])))
    expect(frozenBytes({ inputs: [], outputs: { y } }, {})).toBe(400)
  })
})

describe('sizeOf', () => {
  const sizes = { B: 3, S: 10, Z: 4 }

  it.each([
    [7, 7],
    ['S', 10],
    [product([2, 'B', 'S']), 60],
    [total(['Z', 'S']), 14],
    [partOf('S', 4, 1), 2.5],
    [partOf('S', 4, 1, 3), 7.5],
    [total(['Z', partOf('S', 4, 0, 1)]), 9],
    [product([2, partOf('S', 4, 0)]), 5],
  ])('%s is %d', (dim, size) => {
    expect(sizeOf(dim, sizes)).toBe(size)
  })

  it('an unknown symbol is a fault of the program', () => {
    expect(() => sizeOf('Q', sizes)).toThrow('the dim Q has no size')
  })
})
