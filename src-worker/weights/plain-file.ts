// Whether a path names a file at all. Pipes and devices have no end and no places to read at.
import { createReadStream, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { asFault, Fault } from '../contract/fault'

type Kind = Pick<
  Stats,
  'isFIFO' | 'isSocket' | 'isCharacterDevice' | 'isBlockDevice' | 'isDirectory'
>

/** Fault 'bad-file' for a pipe, a socket or a device. */
export function refuseSpecial(path: string, found: Kind): void {
  const kind = found.isFIFO()
    ? 'a pipe'
    : found.isSocket()
      ? 'a socket'
      : found.isCharacterDevice() || found.isBlockDevice()
        ? 'a device'
        : undefined
  if (kind === undefined) return
  throw new Fault(
    'bad-file',
    `${path} is ${kind}, not a file`,
    'Write what it gives to a file, and name that file.',
  )
}

/** Faults: not-found, disk, bad-file (a folder, a pipe, a socket, a device). @returns bytes */
export async function sizeOfFile(path: string): Promise<number> {
  const found = await stat(path).catch(error => {
    throw asFault(error, path)
  })
  refuseSpecial(path, found)
  if (found.isDirectory())
    throw new Fault('bad-file', `${path} is a folder, not a file`, 'Name a file.')
  return found.size
}

/**
 * The text of a small file; a pipe is read to its end.
 * Faults: not-found, disk, bad-file (more than `most` bytes, which a device would give for ever).
 */
export async function readSmallText(path: string, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path)) {
      chunks.push(chunk as Buffer)
      bytes += (chunk as Buffer).length
      if (bytes > most)
        throw new Fault(
          'bad-file',
          `${path} has more than ${most} bytes`,
          'Name the right file: this one is too large to be it.',
        )
    }
  } catch (error) {
    throw asFault(error, path)
  }
  return Buffer.concat(chunks).toString('utf8')
}
