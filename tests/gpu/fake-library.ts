// The smallest shared library that the loader of Linux x64 takes: no code, only names. Layout: header, three segments,
// dynamic section, string table, one empty symbol, a hash table of it.
const headerBytes = 64
const segmentBytes = 56
const tags = {
  needed: 1n,
  hash: 4n,
  strings: 5n,
  symbols: 6n,
  stringBytes: 10n,
  symbolBytes: 11n,
  soname: 14n,
  runpath: 29n,
} as const

const align = (n: number): number => (n + 15) & ~15

interface Names {
  readonly soname?: string
  readonly needed?: readonly string[]
  readonly runpath?: string
}

/** All strings one after another, each ended by a zero; offset 0 is the empty one. */
function stringTable(texts: readonly string[]) {
  const offsets = new Map<string, bigint>()
  let table = '\0'
  for (const text of texts) {
    offsets.set(text, BigInt(table.length))
    table += `${text}\0`
  }
  return { bytes: Buffer.from(table, 'latin1'), at: (text: string) => offsets.get(text) ?? 0n }
}

function segment(
  file: Buffer,
  index: number,
  type: number,
  flags: number,
  at: number,
  size: number,
) {
  const start = headerBytes + index * segmentBytes
  file.writeUInt32LE(type, start)
  file.writeUInt32LE(flags, start + 4)
  for (const field of [8, 16, 24]) file.writeBigUInt64LE(BigInt(at), start + field)
  for (const field of [32, 40]) file.writeBigUInt64LE(BigInt(size), start + field)
  file.writeBigUInt64LE(BigInt(type === 1 ? 4096 : 16), start + 48)
}

export function fakeLibrary({ soname = '', needed = [], runpath = '' }: Names): Buffer {
  const strings = stringTable([...needed, soname, runpath].filter(text => text !== ''))
  const dynamicAt = headerBytes + 3 * segmentBytes
  const dynamicBytes = 16 * (needed.length + 9)
  const stringsAt = align(dynamicAt + dynamicBytes)
  const symbolsAt = align(stringsAt + strings.bytes.length)
  const hashAt = align(symbolsAt + 24)
  const entries: (readonly [bigint, bigint])[] = [
    ...needed.map(text => [tags.needed, strings.at(text)] as const),
    ...(soname === '' ? [] : [[tags.soname, strings.at(soname)] as const]),
    ...(runpath === '' ? [] : [[tags.runpath, strings.at(runpath)] as const]),
    [tags.hash, BigInt(hashAt)],
    [tags.strings, BigInt(stringsAt)],
    [tags.symbols, BigInt(symbolsAt)],
    [tags.stringBytes, BigInt(strings.bytes.length)],
    [tags.symbolBytes, 24n],
  ]
  const file = Buffer.alloc(hashAt + 16)
  file.write('\x7fELF\x02\x01\x01', 'latin1')
  file.writeUInt16LE(3, 16) // a shared object
  file.writeUInt16LE(62, 18) // for x86-64
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(headerBytes), 32)
  for (const [at, value] of [
    [52, headerBytes],
    [54, segmentBytes],
    [56, 3],
    [58, 64],
  ] as const)
    file.writeUInt16LE(value, at)
  segment(file, 0, 1, 6, 0, file.length) // load
  segment(file, 1, 2, 6, dynamicAt, dynamicBytes) // dynamic
  segment(file, 2, 0x6474e551, 6, 0, 0) // a stack that is not executable
  for (const [i, [tag, value]] of entries.entries()) {
    file.writeBigUInt64LE(tag, dynamicAt + 16 * i)
    file.writeBigUInt64LE(value, dynamicAt + 16 * i + 8)
  }
  strings.bytes.copy(file, stringsAt)
  for (const [i, value] of [1, 1, 0, 0].entries()) file.writeUInt32LE(value, hashAt + 4 * i)
  return file
}
