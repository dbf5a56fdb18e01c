// Files inside a folder, .tar, .tar.gz, .tar.zst or .zip, one after another, in parts: nothing is held whole, and nothing
// is ever written to disk, so neither sizes nor names inside an archive can do harm. Zip is weights/zip.ts; tar is read here, because tar-stream 3.1.7
// holds the header of a long name whole, of whatever size it states.
import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createGunzip } from 'node:zlib'
import { Fault } from '../contract/fault'
import { sizeOfFile } from '../weights/plain-file'
import { openZip, ZipRefused } from '../weights/zip'
import { zstdBytes } from '../weights/zstd'

export interface ArchivedFile {
  /** path inside, with forward slashes */
  readonly name: string
  readonly size: number
  /** to be read before the next file; the rest is skipped when it is left */
  readonly parts: AsyncIterable<Uint8Array>
}
type Wanted = (name: string) => boolean

const block = 512
/** Of a long name; bytes. */
const longestHeader = 1 << 20
/** Entries that an archive may list; no folder of logs has as many. */
const mostEntries = 1_000_000

/** Paths below a folder, sorted; links to folders are not followed. (readdir's `recursive` needs Node 18.17.) */
async function walk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const nested = await Promise.all(
    entries.map(entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? walk(path) : Promise.resolve([path])
    }),
  )
  return nested.flat().sort()
}

async function* folderFiles(root: string, wanted: Wanted): AsyncGenerator<ArchivedFile> {
  for (const path of await walk(root)) {
    const name = relative(root, path).replaceAll('\\', '/')
    if (!wanted(name)) continue
    const found = await stat(path)
    if (found.isFile()) yield { name, size: found.size, parts: createReadStream(path) }
  }
}

/** The same, with its errors in words, wherever it is read. */
async function* chunksOf(
  stream: AsyncIterable<Uint8Array>,
  broken: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (cause) {
    throw new Fault('bad-file', broken, 'Copy the archive again.', { cause })
  }
}

async function* zipFiles(path: string, wanted: Wanted): AsyncGenerator<ArchivedFile> {
  const broken = `${path} is not a whole zip archive`
  const fault = (cause: unknown): Fault =>
    new Fault('bad-file', broken, 'Copy the archive again.', { cause })
  const zip = await openZip(path).catch(cause => {
    throw fault(cause)
  })
  try {
    if (zip.entryCount > mostEntries) throw new ZipRefused(`it lists ${zip.entryCount} files`)
    for await (const { name, bytes, read } of zip.entries())
      if (wanted(name)) yield { name, size: bytes, parts: chunksOf(read(), broken) }
  } catch (cause) {
    throw cause instanceof ZipRefused ? fault(cause) : cause
  } finally {
    zip.close()
  }
}

const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

interface TarHeader {
  readonly name: string
  readonly size: number
  readonly type: string
}

/** A ustar header; undefined for the block of zeros that ends the archive. */
function tarHeader(header: Uint8Array, path: string): TarHeader | undefined {
  if (header.every(byte => byte === 0)) return undefined
  const stated = Number.parseInt(textOf(header.subarray(148, 156)).trim(), 8)
  const sum = header.reduce((s, byte, i) => s + (i >= 148 && i < 156 ? 32 : byte), 0)
  if (stated !== sum)
    throw new Fault(
      'bad-file',
      `${path} is not a tar archive`,
      'Choose a .tar, .tar.gz, .tar.zst or .zip.',
    )
  const prefix =
    textOf(header.subarray(257, 262)) === 'ustar' ? textOf(header.subarray(345, 500)) : ''
  const name = textOf(header.subarray(0, 100))
  return {
    name: prefix ? `${prefix}/${name}` : name,
    size: Number.parseInt(textOf(header.subarray(124, 136)).trim(), 8) || 0,
    type: String.fromCharCode(header[156] ?? 0),
  }
}

/** The path of a pax extended header: records "length key=value\n". */
function paxPath(content: Uint8Array): string | undefined {
  const found = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(Buffer.from(content).toString('utf8'))
  return found?.[1]
}

/** Reads a stream of chunks in parts of any size. */
function reader(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array(0)
  /** the next 1 to `most` bytes; undefined at the end */
  const part = async (most: number): Promise<Uint8Array | undefined> => {
    while (rest.length === 0) {
      const next = await chunks.next()
      if (next.done) return undefined
      rest = next.value
    }
    const taken = rest.subarray(0, most)
    rest = rest.subarray(taken.length)
    return taken
  }
  /** exactly `count` bytes; undefined when there are fewer */
  const whole = async (count: number): Promise<Uint8Array | undefined> => {
    const out = new Uint8Array(count)
    for (let got = 0; got < count; ) {
      const taken = await part(count - got)
      if (taken === undefined) return undefined
      out.set(taken, got)
      got += taken.length
    }
    return out
  }
  return { part, whole }
}

/** The next `size` bytes, in parts; `skip` passes over what was not read of them. */
function contentOf(
  part: (most: number) => Promise<Uint8Array | undefined>,
  size: number,
  cut: Fault,
) {
  let left = size
  async function* parts(): AsyncGenerator<Uint8Array> {
    while (left > 0) {
      const taken = await part(left)
      if (taken === undefined) throw cut
      left -= taken.length
      yield taken
    }
  }
  const skip = async (): Promise<void> => {
    for await (const _ of parts());
  }
  return { parts, skip }
}

async function* tarFiles(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  wanted: Wanted,
): AsyncGenerator<ArchivedFile> {
  const { part, whole } = reader(stream)
  const fault = (what: string): Fault =>
    new Fault('bad-file', `${path} ${what}`, 'Copy the archive again.')
  let longName: string | undefined
  for (let count = 0; ; count++) {
    const raw = await whole(block)
    const header = raw && tarHeader(raw, path)
    if (header === undefined) return
    const { size, type } = header
    const name = longName ?? header.name
    const cut = fault(`ends inside ${name}`)
    const padding = Math.ceil(size / block) * block - size
    if (count > mostEntries) throw fault(`lists more than ${mostEntries} files`)
    if (type === 'L' || type === 'x') {
      if (size > longestHeader) throw fault(`has a name of ${size} bytes`)
      const content = await whole(size)
      if (content === undefined) throw cut
      longName = type === 'L' ? textOf(content) : (paxPath(content) ?? longName)
    } else {
      longName = undefined
      const { parts, skip } = contentOf(part, size, cut)
      if ((type === '0' || type === '\0') && wanted(name)) yield { name, size, parts: parts() }
      await skip()
    }
    if (padding > 0 && (await whole(padding)) === undefined) throw cut
  }
}

const magic = { zip: [0x50, 0x4b], gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] } as const
const starts = (bytes: Uint8Array, with_: readonly number[]): boolean =>
  with_.every((byte, i) => bytes[i] === byte)

async function firstBytes(path: string): Promise<Uint8Array> {
  const handle = await open(path)
  try {
    const bytes = new Uint8Array(4)
    await handle.read(bytes, 0, 4, 0)
    return bytes
  } finally {
    await handle.close()
  }
}

/** Files whose name is wanted. What a file is, its first bytes say, not its name. Faults: bad-file. */
export async function* archivedFiles(path: string, wanted: Wanted): AsyncGenerator<ArchivedFile> {
  if ((await stat(path)).isDirectory()) return yield* folderFiles(path, wanted)
  await sizeOfFile(path)
  const head = await firstBytes(path)
  if (starts(head, magic.zip)) return yield* zipFiles(path, wanted)
  const raw = createReadStream(path)
  const unzip = createGunzip()
  const bytes = starts(head, magic.gzip)
    ? raw.on('error', error => unzip.destroy(error)).pipe(unzip)
    : starts(head, magic.zstd)
      ? zstdBytes(raw)
      : raw
  try {
    yield* tarFiles(chunksOf(bytes, `${path} cannot be unpacked`), path, wanted)
  } finally {
    raw.destroy()
  }
}
