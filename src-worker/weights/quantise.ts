// Matrices in blocks of integers, symmetric around zero: x ≈ integer·scale, scale = largest |x| of the block / largest integer.

/** How one matrix [rows, width] is cut: blocks of `block` numbers along `axis`. */
export interface BlockForm {
  readonly width: number
  readonly axis: 0 | 1
  readonly block: number
  readonly bits: 8 | 4
}

export interface InBlocks {
  /** one integer a byte; two where they have 4 bits, the low half first */
  readonly integers: Uint8Array
  readonly scales: Float32Array
}

/** Of the matrix, one number a block. */
export const scalesShape = (
  [rows, width]: readonly [number, number],
  { axis, block }: Pick<BlockForm, 'axis' | 'block'>,
): [number, number] =>
  axis === 1 ? [rows, Math.ceil(width / block)] : [Math.ceil(rows / block), width]

/** Some whole rows, as many as `block` divides where blocks run along the rows. values: [rows, width] */
export function quantise(values: Float32Array, form: BlockForm): InBlocks {
  const { width, bits } = form
  const rows = values.length / width
  const [, perRow] = scalesShape([rows, width], form)
  const scales = new Float32Array(scalesShape([rows, width], form)[0] * perRow)
  const places = placesOf(form)
  const largest = 2 ** (bits - 1) - 1
  for (let r = 0, i = 0; r < rows; r++) {
    const first = places.row(r) * perRow
    for (let c = 0; c < width; c++, i++) {
      const at = first + places.column[c]!
      const size = Math.abs(values[i]!)
      // what is no number stays in the scale, for nothing is larger
      if (size > scales[at]! || Number.isNaN(size)) scales[at] = size
    }
  }
  for (let at = 0; at < scales.length; at++) scales[at]! /= largest
  const integers = new Int8Array(values.length)
  for (let r = 0, i = 0; r < rows; r++) {
    const first = places.row(r) * perRow
    for (let c = 0; c < width; c++, i++) {
      const scale = scales[first + places.column[c]!]!
      if (scale > 0) integers[i] = Math.round(values[i]! / scale)
    }
  }
  const bytes = new Uint8Array(integers.buffer)
  return { integers: bits === 8 ? bytes : inHalves(bytes), scales }
}

/** In which line and column of the scales a row and a column lie. */
function placesOf({ width, axis, block }: BlockForm) {
  const blockOf = (_: unknown, i: number): number => Math.floor(i / block)
  return axis === 1
    ? { row: (r: number) => r, column: Uint32Array.from({ length: width }, blockOf) }
    : {
        row: (r: number) => Math.floor(r / block),
        column: Uint32Array.from({ length: width }, (_, c) => c),
      }
}

function inHalves(bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(bytes.length / 2))
  for (let i = 0; i < packed.length; i++)
    packed[i] = (bytes[2 * i]! & 15) | ((bytes[2 * i + 1]! & 15) << 4)
  return packed
}
