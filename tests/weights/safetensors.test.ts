import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  readDoubles,
  readIntegers,
  readRows,
  readSafetensorsHeader,
  readTensor,
} from '../../src-worker/weights/safetensors'
import { writeSafetensors } from '../../src-worker/weights/safetensors-writer'
import { referencePath } from '../reference-path'

const newFile = async (name = 'a.safetensors'): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), 'spw-safetensors-')), name)

/** A file with this header (JSON or text) and so many bytes of data. */
async function rawFile(
  header: unknown,
  data: Uint8Array | number,
  claimed?: bigint,
): Promise<string> {
  const path = await newFile()
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(claimed ?? BigInt(text.length))
  const body = typeof data === 'number' ? Buffer.alloc(data) : data
  await writeFile(path, Buffer.concat([length, text, body]))
  return path
}

const tensor = (dtype: string, shape: unknown, ...offsets: number[]): unknown => ({
  dtype,
  shape,
  data_offsets: offsets,
})

test('what is written is read back, bit for bit', async () => {
  const path = await newFile()
  const f32 = Float32Array.of(1.5, -0, Number.NaN, Infinity, 1e-45, 3)
  await writeSafetensors(
    path,
    new Map<
      string,
      {
        shape: number[]
        data: Float32Array | BigInt64Array | Int32Array | Uint8Array | Float64Array
      }
    >([
      ['b', { shape: [2, 3], data: f32 }],
      ['ids', { shape: [2], data: BigInt64Array.of(-100n, 50303n) }],
      ['i32', { shape: [1], data: Int32Array.of(-7) }],
      ['mask', { shape: [3], data: Uint8Array.of(1, 0, 255) }],
      ['wide', { shape: [], data: Float64Array.of(Math.PI) }],
      ['empty', { shape: [0, 5], data: new Float32Array(0) }],
    ]),
    { format: 'pt', note: 'ü' },
  )
  const { tensors, metadata } = await readSafetensorsHeader(path)
  expect(metadata).toEqual({ format: 'pt', note: 'ü' })
  const get = (name: string) => tensors.get(name)!
  const back = await readTensor(get('b'))
  expect(Buffer.from(back.buffer)).toEqual(Buffer.from(f32.buffer))
  expect(get('b').shape).toEqual([2, 3])
  expect([...(await readIntegers(get('ids')))]).toEqual([-100, 50303])
  expect([...(await readIntegers(get('i32')))]).toEqual([-7])
  expect([...(await readIntegers(get('mask')))]).toEqual([1, 0, 255])
  expect([...(await readDoubles(get('wide')))]).toEqual([Math.PI])
  expect(await readTensor(get('empty'))).toHaveLength(0)
  for (const entry of tensors.values()) expect(entry.offset % 4, entry.name).toBe(0)
})

test('half and bfloat16 numbers are widened exactly', async () => {
  const halves = [0x0000, 0x8000, 0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00]
  const bfloats = [0x0000, 0x3f80, 0xc000, 0x0001, 0x7f7f, 0x7f80]
  const data = Uint8Array.from([...halves, ...bfloats].flatMap(bits => [bits & 255, bits >> 8]))
  const path = await rawFile(
    { h: tensor('F16', [10], 0, 20), b: tensor('BF16', [6], 20, 32) },
    data,
  )
  const { tensors } = await readSafetensorsHeader(path)
  expect([...(await readTensor(tensors.get('h')!))]).toEqual([
    0,
    -0,
    1,
    -2,
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    65504,
    Infinity,
    -Infinity,
  ])
  expect([...(await readTensor(tensors.get('b')!))]).toEqual([
    0,
    1,
    -2,
    2 ** -133,
    (2 - 2 ** -7) * 2 ** 127,
    Infinity,
  ])
})

test('single rows equal those of the whole matrix', async () => {
  const path = referencePath('models/tiny-llama/model.safetensors')
  const { tensors } = await readSafetensorsHeader(path)
  const entry = tensors.get('model.embed_tokens.weight')!
  const whole = await readTensor(entry)
  const rows = await readRows(entry, [599, 0, 17])
  expect([...rows.subarray(0, 64)]).toEqual([...whole.subarray(599 * 64)])
  expect([...rows.subarray(128)]).toEqual([...whole.subarray(17 * 64, 18 * 64)])
  await expect(readRows(entry, [600])).rejects.toThrow('has 600 rows, not a row 600')
})

test('types that we do not read are named, not refused', async () => {
  const path = await rawFile({ q: tensor('F8_E4M3', [4], 0, 4) }, 4)
  const { tensors, unsupported } = await readSafetensorsHeader(path)
  expect(tensors.size).toBe(0)
  expect([...unsupported]).toEqual([['q', 'F8_E4M3']])
})

test.each<[string, unknown, number, bigint | undefined, string]>([
  ['a huge header', {}, 0, 1n << 60n, 'is no safetensors header'],
  ['a cut header', {}, 0, 1000n, 'the header has 1000 bytes, but the file only 10: truncated'],
  ['no JSON', '{"a":', 0, undefined, 'is not JSON'],
  ['a list', '[]', 0, undefined, 'holds no JSON object'],
  ['a number as entry', { a: 3 }, 0, undefined, 'entry a is no object'],
  [
    'no shape',
    { a: { dtype: 'F32', data_offsets: [0, 4] } },
    4,
    undefined,
    'no proper dtype and shape',
  ],
  ['a negative size', { a: tensor('F32', [-1], 0, 4) }, 4, undefined, 'no proper dtype and shape'],
  ['one offset', { a: tensor('F32', [1], 0) }, 4, undefined, 'no proper data_offsets'],
  [
    'reversed offsets',
    { a: tensor('F32', [1], 4, 0) },
    4,
    undefined,
    'ends (0) before it begins (4)',
  ],
  ['too few bytes', { a: tensor('F32', [3], 0, 8) }, 8, undefined, 'needs 12 bytes, has 8'],
  ['an absurd shape', { a: tensor('F32', [2 ** 40, 2 ** 40], 0, 8) }, 8, undefined, 'has 8'],
  [
    'cut data',
    { a: tensor('F32', [3], 0, 12) },
    8,
    undefined,
    'ends at byte 12 of the data, which has 8: truncated',
  ],
  [
    'bytes at the end',
    { a: tensor('F32', [1], 0, 4) },
    6,
    undefined,
    '2 bytes after the last tensor',
  ],
  [
    'overlap',
    { a: tensor('F32', [2], 0, 8), b: tensor('F32', [2], 4, 12) },
    12,
    undefined,
    'tensors a and b overlap',
  ],
])('%s is refused', async (_, header, data, claimed, words) => {
  const path = await rawFile(header, data, claimed)
  const error = await readSafetensorsHeader(path).catch((e: unknown) => e)
  expect(error).toMatchObject({ name: 'Fault', code: 'bad-file' })
  expect((error as Error).message).toContain(words)
  expect((error as Error).message).toContain(path)
})

test('an empty file and integers that are none are refused', async () => {
  const path = await newFile()
  await writeFile(path, 'abc')
  await expect(readSafetensorsHeader(path)).rejects.toThrow('3 bytes are too few')
  const floats = await rawFile({ a: tensor('F32', [1], 0, 4) }, 4)
  const { tensors } = await readSafetensorsHeader(floats)
  await expect(readIntegers(tensors.get('a')!)).rejects.toThrow('has the type F32, not integers')
})

test('equal tensors give equal bytes, in whatever order', async () => {
  const [a, b] = [await newFile(), await newFile()]
  const one = { shape: [1], data: Float32Array.of(1) }
  const two = { shape: [2], data: Int32Array.of(1, 2) }
  await writeSafetensors(
    a,
    new Map<string, typeof one | typeof two>([
      ['x', one],
      ['a', two],
    ]),
  )
  await writeSafetensors(
    b,
    new Map<string, typeof one | typeof two>([
      ['a', two],
      ['x', one],
    ]),
  )
  expect(await readFile(a)).toEqual(await readFile(b))
})
