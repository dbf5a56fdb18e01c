// Arrays that go into a program and come out of it.

export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array
export type TensorType = 'float32' | 'int32' | 'int64' | 'bool' | 'float16'

/** One array, row-major. */
export interface Tensor {
  readonly dtype: TensorType
  readonly dims: readonly number[]
  readonly data: TensorData
}
export type Tensors = Readonly<Record<string, Tensor>>

export const float32 = (dims: readonly number[], data: Float32Array): Tensor => ({
  dtype: 'float32',
  dims,
  data,
})

/** int64 tensor from numbers. */
export function int64(dims: readonly number[], values: ArrayLike<number>): Tensor {
  const data = new BigInt64Array(values.length)
  for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i]!)
  return { dtype: 'int64', dims, data }
}
