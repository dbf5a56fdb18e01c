// Files inside a folder, .tar, .tar.gz, .tar.zst or .zip, one at a time. Only what is asked for is kept in memory;
// nothing is ever written to disk, so names inside an archive can do no harm.
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createGunzip } from 'node:zlib'
import { unzipSync } from 'fflate'
import { DecompressStream } from 'zstd-napi'
import { Fault } from '../contract/fault'

export interface ArchivedFile {
  /** path inside, with forward slashes */
  readonly name: string
  readonly bytes: Uint8Array
}
type Wanted = (name: string) => boolean

const maxFileBytes = 2 ** 30
const block = 512

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
    if (!wanted(name) || !(await stat(path)).isFile()) continue
    yield { name, bytes: await readFile(path) }
  }
}

function zipFiles(path: string, bytes: Uint8Array, wanted: Wanted): ArchivedFile[] {
  try {
    const files = unzipSync(bytes, {
      filter: file => wanted(file.name) && file.originalSize <= maxFileBytes,
    })
    return Object.entries(files).map(([name, content]) => ({ name, bytes: content }))
  } catch (cause) {
    throw new Fault('bad-file', `${path} is not a whole zip archive`, 'Copy the archive again.', {
      cause,
    })
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

/** Reads n bytes at a time from a stream of chunks. */
function reader(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]()
  let rest = new Uint8Array(0)
  const more = async (): Promise<boolean> => {
    const next = await chunks.next()
    if (next.done) return false
    rest = new Uint8Array(next.value)
    return true
  }
  return async (n: number, keep: boolean): Promise<Uint8Array | undefined> => {
    const out = new Uint8Array(keep ? n : 0)
    let got = 0
    while (got < n) {
      if (rest.length === 0 && !(await more())) return undefined
      const part = rest.subarray(0, n - got)
      if (keep) out.set(part, got)
      got += part.length
      rest = rest.subarray(part.length)
    }
    return out
  }
}

async function* tarFiles(
  stream: AsyncIterable<Uint8Array>,
  path: string,
  wanted: Wanted,
): AsyncGenerator<ArchivedFile> {
  const read = reader(stream)
  let longName: string | undefined
  while (true) {
    const raw = await read(block, true)
    const header = raw && tarHeader(raw, path)
    if (header === undefined) return
    const padded = Math.ceil(header.size / block) * block
    const extended = header.type === 'L' || header.type === 'x'
    const name = longName ?? header.name
    const isFile = header.type === '0' || header.type === '\0'
    const keep = extended || (isFile && wanted(name) && header.size <= maxFileBytes)
    const content = await read(padded, keep)
    if (content === undefined)
      throw new Fault('bad-file', `${path} ends inside ${name}`, 'Copy the archive again.')
    if (header.type === 'L') longName = textOf(content)
    else if (header.type === 'x') longName = paxPath(content.subarray(0, header.size)) ?? longName
    else {
      longName = undefined
      if (keep) yield { name, bytes: content.subarray(0, header.size) }
    }
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
  const head = await firstBytes(path)
  if (starts(head, magic.zip)) return yield* zipFiles(path, await readFile(path), wanted)
  const raw = createReadStream(path)
  const unpack = starts(head, magic.gzip)
    ? createGunzip()
    : starts(head, magic.zstd)
      ? new DecompressStream()
      : undefined
  if (unpack === undefined) return yield* tarFiles(raw, path, wanted)
  raw.on('error', error => unpack.destroy(error))
  try {
    yield* tarFiles(raw.pipe(unpack), path, wanted)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('bad-file', `${path} cannot be unpacked`, 'Copy the archive again.', { cause })
  } finally {
    raw.destroy()
  }
}
