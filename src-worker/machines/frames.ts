// The port of contract/rpc.ts over a stream of bytes (a socket, the pipes of ssh). A frame is the length of its JSON in bytes
// (4 bytes, the largest first), then the JSON in UTF-8. Before the first frame the engine greets with one line: what a
// login shell prints of its own comes before that line, and is passed over.
import type { Readable, Writable } from 'node:stream'
import { Fault } from '../contract/fault'
import type { Port } from '../contract/rpc'

const headerBytes = 4
/** of one frame; a string of V8 cannot be much longer */
const mostBytes = 256e6
/** bytes before the greeting: a message of the day, at most */
const mostNoise = 64 << 10

const greeting = /(?:^|\n)spw-engine (\S{1,100})\n/
/** The first line of an engine. Versions speak only with themselves. */
export const greetingOf = (version: string): string => `spw-engine ${version}\n`

const tooLong = (bytes: number): Fault =>
  new Fault(
    'engine',
    `a message of ${bytes} bytes is longer than ${mostBytes}`,
    'Ask for less at once.',
  )

/** Gives the frames of a stream, whatever parts they come in. @returns takes the next bytes */
function frameReader(take: (message: unknown) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let bytes = 0
  let wanted = headerBytes
  let isHeader = true
  return chunk => {
    parts.push(chunk)
    bytes += chunk.length
    while (bytes >= wanted) {
      const all = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
      const frame = all.subarray(0, wanted)
      const rest = all.subarray(wanted)
      parts = [rest]
      bytes = rest.length
      if (isHeader) {
        wanted = frame.readUInt32BE(0)
        if (wanted > mostBytes) throw tooLong(wanted)
      } else {
        wanted = headerBytes
        take(JSON.parse(frame.toString('utf8')))
      }
      isHeader = !isHeader
    }
  }
}

/**
 * A port over two directions of bytes. What is no frame ends it.
 * @param broken called when what comes is no frame; nothing more is read then
 */
export function framedPort(
  input: Readable,
  output: Writable,
  broken: (error: unknown) => void,
): Port {
  return {
    send: message => {
      const json = Buffer.from(JSON.stringify(message), 'utf8')
      if (json.length > mostBytes) throw tooLong(json.length)
      const header = Buffer.alloc(headerBytes)
      header.writeUInt32BE(json.length, 0)
      // what is sent to the closed end of a pipe is lost; the owner of the stream listens for its end
      if (output.writable) output.write(Buffer.concat([header, json]))
    },
    receive: listener => {
      const read = frameReader(listener)
      const onData = (chunk: Buffer): void => {
        try {
          read(chunk)
        } catch (error) {
          input.off('data', onData)
          broken(error)
        }
      }
      input.on('data', onData)
      input.resume() // it was paused behind the greeting
    },
  }
}

/** Waits for the greeting. @returns the engine's version; undefined: the stream ended, or said something else at length */
export function greeted(input: Readable): Promise<string | undefined> {
  return new Promise(done => {
    let seen = Buffer.alloc(0)
    const end = (version: string | undefined): void => {
      input.off('data', onData)
      input.off('end', onEnd)
      input.off('close', onEnd)
      done(version)
    }
    const onEnd = (): void => end(undefined)
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk])
      const text = seen.toString('latin1')
      const found = greeting.exec(text)
      if (found?.[1] !== undefined) {
        input.pause()
        const rest = seen.subarray(found.index + found[0].length)
        if (rest.length > 0) input.unshift(rest)
        end(found[1])
      } else if (seen.length > mostNoise) end(undefined)
    }
    input.on('data', onData)
    input.once('end', onEnd)
    input.once('close', onEnd)
  })
}
