// How the hub is spoken to: its address, the token, what its answers mean.
import { Fault } from '../contract/fault'

export interface HubOptions {
  /** base address; empty: HF_ENDPOINT or the hub itself */
  readonly endpoint: string
  /** bearer token for gated models, or empty; sent to the endpoint only */
  readonly token: string
  readonly signal?: AbortSignal
  /** milliseconds before the first new try, doubled each time up to 10 s; default 400 */
  readonly retryDelay?: number
}

export const hubEndpoint = (endpoint: string, env: NodeJS.ProcessEnv = process.env): string =>
  (endpoint || env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '')

/** A token, and the one origin that it may be sent to; empty: no token. */
export interface BoundToken {
  readonly token: string
  readonly tokenOrigin: string
}

/**
 * The token for this endpoint. Faults: usage, where the endpoint is another than the token was saved for: the settings
 * may have changed since it was put in.
 */
export function tokenSentTo(endpoint: string, { token, tokenOrigin }: BoundToken): string {
  if (token === '') return ''
  const { origin } = new URL(hubEndpoint(endpoint))
  if (origin === tokenOrigin) return token
  throw new Fault(
    'usage',
    `the token was saved for ${tokenOrigin || 'no hub'}, and is not sent to ${origin}`,
    'Save the token again in Settings, for this address.',
  )
}

/** Files as they are: sizes and ranges count bytes that are not compressed. */
export const hubHeaders = (token: string): Record<string, string> => ({
  'accept-encoding': 'identity',
  ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
})

/** What the status of an answer means to a person. */
export function statusFault(status: number, what: string, token: string): Fault {
  if (status === 401 || status === 403)
    return new Fault(
      'network',
      `${what} is gated or private (status ${status})`,
      token === ''
        ? 'Save a Hugging Face token in Settings, and accept the terms on the page of the model.'
        : 'Check the token, and accept the terms on the page of the model.',
    )
  if (status === 404)
    return new Fault(
      'not-found',
      `there is no ${what} (status 404)`,
      'Check the id and the revision.',
    )
  return new Fault('network', `${what}: the server answered ${status}`, 'Try again later.')
}

/**
 * An answer of the hub's API.
 * @param what names the thing in faults, as `model org/name`
 * Faults: network (not reachable, refused), not-found. An abort is thrown as it is.
 */
export async function hubGet(
  url: string,
  what: string,
  { token, signal }: HubOptions,
): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { headers: hubHeaders(token), ...(signal ? { signal } : {}) })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    const message = `${what}: ${new URL(url).host} cannot be reached`
    throw new Fault('network', message, 'Check the connection, or set another endpoint.', { cause })
  }
  if (response.ok) return response
  throw statusFault(response.status, what, token)
}
