// vitest compares arrays of numbers element by element, which takes seconds for a model's weights: the same bytes are equal at
// once. Others are left to vitest, which knows −0, and says where they differ.
import { expect } from 'vitest'

const bytesOf = (value: unknown): Buffer | undefined =>
  ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : undefined

expect.addEqualityTesters([
  (a, b) => {
    const [own, other] = [bytesOf(a), bytesOf(b)]
    if (own === undefined || other === undefined) return undefined
    const sameKind = Object.getPrototypeOf(a) === Object.getPrototypeOf(b)
    return sameKind && own.equals(other) ? true : undefined
  },
])
