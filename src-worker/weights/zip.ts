// The one reader of zip archives, over yauzl: entries one after another, their bytes as streams. Sizes are checked by yauzl
// (here, of zstd entries), contents here by their CRC, which yauzl leaves to its caller.
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { buf as crc32 } from 'crc-32'
import yauzl from 'yauzl'
import { zstdBytes } from './zstd'

export interface ZipEntry {
  /** with forward slashes; never absolute, never upwards */
  readonly name: string
  /** unpacked */
  readonly bytes: number
  /** as it is, not compressed */
  readonly stored: boolean
  /** Its content, while the archive is open. */
  read(): AsyncIterable<Uint8Array>
}

export interface Zip {
  readonly entryCount: number
  entries(): AsyncGenerator<ZipEntry>
  close(): void
}

/** Why an archive is refused; the caller makes it the fault of its file. */
export class ZipRefused extends Error {}

const refused = (cause: unknown, what = ''): ZipRefused =>
  cause instanceof ZipRefused
    ? cause
    : new ZipRefused(`${what}${cause instanceof Error ? cause.message : cause}`, { cause })

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

/** The method of zstd in zip (APPNOTE 6.3.8); yauzl knows stored and deflated entries. */
const zstdMethod = 93

async function* unpacked(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Uint8Array> {
  const open = promisify<yauzl.Entry, yauzl.ZipFileOptions, Readable>((each, how, done) =>
    zip.openReadStream(each, how, done),
  )
  if (entry.compressionMethod !== zstdMethod) {
    yield* await open(entry, {} as yauzl.ZipFileOptions)
    return
  }
  if (entry.isEncrypted()) throw new ZipRefused('is encrypted')
  const raw = await open(entry, { decodeFileData: false } as never)
  let bytes = 0
  for await (const chunk of zstdBytes(raw)) {
    bytes += chunk.length
    if (bytes > entry.uncompressedSize) throw new ZipRefused('is longer than its directory says')
    yield chunk
  }
  if (bytes < entry.uncompressedSize) throw new ZipRefused('is shorter than its directory says')
}

async function* checked(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Uint8Array> {
  try {
    let crc = 0
    for await (const chunk of unpacked(zip, entry)) {
      crc = crc32(chunk, crc)
      yield chunk
    }
    if (crc >>> 0 !== entry.crc32) throw new ZipRefused('is damaged (wrong CRC)')
  } catch (cause) {
    throw new ZipRefused(`its entry ${entry.fileName} ${refused(cause).message}`, { cause })
  }
}

const entryOf = (zip: yauzl.ZipFile, entry: yauzl.Entry): ZipEntry => ({
  name: entry.fileName,
  bytes: entry.uncompressedSize,
  stored: entry.compressionMethod === 0,
  read: () => checked(zip, entry),
})

async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<ZipEntry> {
  for (let count = 0; count < zip.entryCount; count++) {
    const next = once(zip, 'entry') // rejects with the archive's error
    zip.readEntry()
    const [entry] = (await next.catch(cause => {
      throw refused(cause, 'its directory is damaged: ')
    })) as [yauzl.Entry]
    yield entryOf(zip, entry)
  }
}

const options = { lazyEntries: true, autoClose: false } as const
const fromFile = promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open)
const fromBuffer = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer)

/** @throws ZipRefused; whatever keeps the file from being opened */
export async function openZip(source: string | Uint8Array): Promise<Zip> {
  const zip = await (typeof source === 'string'
    ? fromFile(source, options)
    : fromBuffer(Buffer.from(source.buffer, source.byteOffset, source.byteLength), options)
  ).catch(cause => {
    if ((cause as NodeJS.ErrnoException).code !== undefined) throw cause
    throw new ZipRefused('its directory is missing: truncated', { cause })
  })
  return { entryCount: zip.entryCount, entries: () => entriesOf(zip), close: () => zip.close() }
}
