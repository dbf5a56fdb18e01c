// A fault is something a person can fix: a code, what happened with the numbers, and how to fix it.
// Broken promises of our own code are `fail('…')`: no person can fix them.
import { z } from 'zod'
import { bounded, shownText } from './shown-text'

export const faultCodes = [
  'usage', //           a command, option or spec that does not make sense
  'not-found', //       a file, run, snapshot or model that is not there
  'bad-file', //        a file that is not what it should be (truncated, junk, wrong format)
  'bad-data', //        a dataset without usable examples, a wrong field
  'bad-weights', //     a tensor missing or mis-shaped
  'bad-model', //       a config.json that we cannot run
  'bad-tokenizer', //   a tokenizer that does not load or does not fit the model
  'bad-snapshot', //    a snapshot refused
  'shape', //           two sizes that must agree and do not
  'device', //          a device or its libraries missing
  'memory', //          does not fit, or ran out
  'diverged', //        a loss or gradient that is not finite
  'network', //         a download that failed
  'busy', //            the thing is in use
  'cancelled', //       stopped by the user
  'disk', //            no space, no permission
  'engine', //          the engine died or answered nonsense
] as const

export const faultCodeSchema = z.enum(faultCodes)
export type FaultCode = (typeof faultCodes)[number]

export const faultDataSchema = z.object({
  code: faultCodeSchema,
  message: z.string(),
  fix: z.string(),
  cause: z.string().optional(),
})
/** Characters of a message, a fix or a cause: what a file holds must not fill the screen or a log. */
const mostText = 2000
const boundedText = (text: string): string => bounded(shownText(text), mostText)

/** A fault as plain data, for threads, IPC and files. */
export type FaultData = z.infer<typeof faultDataSchema>

/** What happened, and what fixes it: two sentences on one line. */
export const faultText = ({ message, fix }: Pick<FaultData, 'message' | 'fix'>): string =>
  fix === '' ? message : `${message}${/[.!?:…]$/.test(message) ? '' : '.'} ${fix}`

export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly fix: string

  /** @param fix one imperative sentence that fixes it */
  constructor(code: FaultCode, message: string, fix: string, options?: { cause?: unknown }) {
    super(boundedText(message), options)
    this.code = code
    this.fix = boundedText(fix)
  }

  toData(): FaultData {
    const cause = this.cause
    const data = { code: this.code, message: this.message, fix: this.fix }
    if (cause === undefined) return data
    return { ...data, cause: boundedText(cause instanceof Error ? cause.message : String(cause)) }
  }
}

/** A broken promise of our own code. */
export function fail(message: string): never {
  throw new Error(`internal: ${message}`)
}

/** What the operating system refuses, in words, and how a person fixes it. */
const refusals: Readonly<Record<string, readonly [FaultCode, string, string]>> = {
  ENOENT: ['not-found', 'there is no such file or folder', 'Check the path.'],
  ENOTDIR: ['not-found', 'a part of the path is a file, not a folder', 'Check the path.'],
  EEXIST: ['disk', 'something else has its name already', 'Choose another name.'],
  EISDIR: ['bad-file', 'it is a folder, not a file', 'Name a file.'],
  EACCES: ['disk', 'permission denied', 'Allow access to it, or choose another one.'],
  EPERM: ['disk', 'permission denied', 'Allow access to it, or choose another one.'],
  EROFS: ['disk', 'the disk is read-only', 'Choose another folder.'],
  ENOSPC: ['disk', 'no space is left on the disk', 'Free some disk space.'],
  EDQUOT: ['disk', 'the quota of the disk is used up', 'Free some disk space.'],
  EIO: ['disk', 'the disk failed', 'Check the disk.'],
  EMFILE: ['disk', 'too many files are open', 'Raise the limit of open files (ulimit -n).'],
  ELOOP: ['bad-file', 'links lead in a circle', 'Correct the links.'],
  ENAMETOOLONG: ['usage', 'the name is too long', 'Choose a shorter name.'],
}

interface Thrown {
  readonly code: string
  readonly message: string
  readonly path: string | undefined
}

function thrown(error: unknown): Thrown {
  if (!(error instanceof Error)) return { code: '', message: String(error), path: undefined }
  const { code, message, path } = error as Error & { code?: unknown; path?: unknown }
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined
  return { code: text(code) ?? '', message, path: text(path) }
}

/**
 * Any thrown thing as a fault, so that every error crosses the boundary with a code and a fix.
 * @param file what was worked on, for errors that do not say it
 */
export function asFault(error: unknown, file?: string): Fault {
  if (error instanceof Fault) return error
  const { code, message, path = file } = thrown(error)
  const refusal = refusals[code]
  if (refusal === undefined)
    return new Fault('engine', message, 'Report this with the log of the run.', { cause: error })
  const [kind, why, fix] = refusal
  const what = path === undefined ? message : `${path}: ${why} (${code})`
  return new Fault(kind, what, fix, { cause: error })
}

/** What kept `path` from being written, as a `disk` fault; an error that is none of the disk stays as it is. */
export function writeFault(error: unknown, path: string): unknown {
  if (error instanceof Fault) return error
  const { code } = thrown(error)
  const refusal = refusals[code]
  if (refusal === undefined) return error
  // node says ENOENT, too, when a folder on the way cannot be made, for instance on a read-only disk
  const why = code === 'ENOENT' ? 'its folder cannot be made' : refusal[1]
  return new Fault(
    'disk',
    `${path} cannot be written: ${why} (${code})`,
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'Free some space there, or keep your files on another disk: SPW_HOME names their folder.'
      : 'Allow writing there, or choose another folder: SPW_HOME names the one of all runs and models.',
    { cause: error },
  )
}

/** The fault that a piece of plain data described. */
export function fromData(data: FaultData): Fault {
  return new Fault(
    data.code,
    data.message,
    data.fix,
    data.cause === undefined ? undefined : { cause: data.cause },
  )
}
