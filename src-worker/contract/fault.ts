// A fault is something a person can mend: a code, what happened with the numbers, and how to mend it.
// Broken promises of our own code are `fail('…')`: no person can fix them.
import { z } from 'zod'

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
  'cancelled', //       somebody pressed stop
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
/** A fault as plain data, for crossing threads, IPC and files. */
export type FaultData = z.infer<typeof faultDataSchema>

export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly fix: string

  /** @param fix one imperative sentence that mends it */
  constructor(code: FaultCode, message: string, fix: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.fix = fix
  }

  toData(): FaultData {
    const cause = this.cause
    const data = { code: this.code, message: this.message, fix: this.fix }
    if (cause === undefined) return data
    return { ...data, cause: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** A broken promise of our own code. */
export function fail(message: string): never {
  throw new Error(`internal: ${message}`)
}

/** Any thrown thing as a fault, so that every error crosses the boundary with a code and a fix. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const { code, message } =
    error instanceof Error
      ? (error as Error & { code?: string })
      : { code: '', message: String(error) }
  if (code === 'ENOENT') return new Fault('not-found', message, 'Check the path.', { cause: error })
  if (code === 'EACCES' || code === 'EPERM')
    return new Fault('disk', message, 'Allow access to this file or choose another folder.', {
      cause: error,
    })
  if (code === 'ENOSPC')
    return new Fault('disk', message, 'Free some disk space.', { cause: error })
  return new Fault('engine', message, 'Report this with the log of the run.', { cause: error })
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
