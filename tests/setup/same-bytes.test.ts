// Arrays of numbers are compared by their bytes; what that cannot tell is vitest's to say.
import { expect, test } from 'vitest'

test('the same bytes of one kind are equal; others are what vitest takes them for', () => {
  expect(Float32Array.of(1, Number.NaN)).toEqual(Float32Array.of(1, Number.NaN))
  expect({ data: Buffer.from('abc') }).toEqual({ data: Buffer.from('xabc').subarray(1) })
  expect(Float32Array.of(1, 2)).not.toEqual(Float32Array.of(1, 3))
  expect(Float32Array.of(0)).not.toEqual(Float32Array.of(-0))
  expect(Float32Array.of(0)).not.toEqual(Int32Array.of(0))
})
