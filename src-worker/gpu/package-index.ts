// Asks simple indexes for the files of a package. Credentials stand in an index's address; they go to that server only.
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../contract/fault'
import { type IndexFile, readPage } from './package-page'
import type { IndexSettings } from './pip-settings'
import { normalName } from './wheel-name'

export interface IndexRequest extends IndexSettings {
  readonly signal?: AbortSignal
  /** milliseconds before the first new try; default 400 */
  readonly retryDelay?: number
}

/** A file together with the index that named it. */
export interface FoundFile extends IndexFile {
  readonly index: string
}

const accept =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'
const tries = 4

/** An address as people may see it: without user and password. */
export function withoutCredentials(address: string): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href.replace(/\/+$/, '')
}

/** Headers for a file or page, with the index's user and password when both are on one server. */
export function headersFor(url: string, index: string): Readonly<Record<string, string>> {
  const { username, password, origin } = new URL(index)
  const plain = { 'accept-encoding': 'identity' }
  if (username === '' || new URL(url).origin !== origin) return plain
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { ...plain, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** What a refusal means; `what` is the file or the package. */
export function indexRefusal(index: string, status: number, what: string): Fault {
  const place = withoutCredentials(index)
  if (status === 401 || status === 403 || status === 407)
    return new Fault(
      'network',
      `${place} does not give ${what} without a right user and password (status ${status})`,
      'Write them into the address: PIP_INDEX_URL=https://user:password@host/simple.',
    )
  if (status === 404)
    return new Fault(
      'not-found',
      `${place} has no ${what} (status 404)`,
      'Name another index: spw gpu install --index https://pypi.org/simple.',
    )
  return new Fault(
    'network',
    `${place} answered ${status} for ${what}`,
    'Run `spw gpu install` again later.',
  )
}

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER/

/** Why no connection came about, and the fix: certificates, a proxy, or the line itself. */
function unreachable(index: string, error: unknown, { certificates }: IndexSettings): Fault {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause
  const said = cause?.message ?? (error as Error).message
  const message = `${withoutCredentials(index)} cannot be reached: ${said}`
  if (certificateCodes.test(cause?.code ?? '')) {
    const file = certificates || 'the file of your certificates'
    return new Fault('network', message, `Set NODE_EXTRA_CA_CERTS=${file}, then run it again.`)
  }
  const proxied = process.env.HTTPS_PROXY ?? process.env.https_proxy
  const fix = proxied
    ? 'Set NODE_USE_ENV_PROXY=1 so that Node (22.21, 24 or newer) uses your proxy, then run it again.'
    : 'Check the connection, or name another index: spw gpu install --index URL.'
  return new Fault('network', message, fix, { cause: error })
}

async function getPage(index: string, name: string, request: IndexRequest): Promise<Response> {
  const url = `${withoutCredentials(index)}/${name}/`
  const headers = { ...headersFor(url, index), accept }
  const { signal, retryDelay = 400 } = request
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(url, { headers, ...(signal && { signal }) })
      const momentary = response.status === 429 || response.status >= 500
      if (!momentary || attempt === tries) return response
    } catch (error) {
      if (signal?.aborted === true) throw error
      if (attempt === tries) throw unreachable(index, error, request)
    }
    await sleep(retryDelay * 2 ** (attempt - 1), undefined, signal && { signal })
  }
}

/** Files of one package on one index; none where the index does not know it. */
async function ask(
  index: string,
  name: string,
  request: IndexRequest,
): Promise<readonly FoundFile[]> {
  const response = await getPage(index, name, request)
  if (response.status === 404) return []
  if (!response.ok) throw indexRefusal(index, response.status, name)
  const text = await response.text()
  try {
    const type = response.headers.get('content-type') ?? ''
    return readPage(text, type, response.url).map(file => ({ ...file, index }))
  } catch (cause) {
    const message = `${withoutCredentials(index)} does not answer as a package index (asked for ${name})`
    throw new Fault('network', message, 'Check the address: it usually ends in /simple.', { cause })
  }
}

/** Files of a package, from the first index that has one that is wanted: as uv does, against look-alikes. */
export async function findFiles(
  name: string,
  wanted: (file: FoundFile) => boolean,
  request: IndexRequest,
): Promise<{ readonly wanted: readonly FoundFile[]; readonly all: readonly FoundFile[] }> {
  const all: FoundFile[] = []
  for (const index of request.indexes) {
    const files = await ask(index, normalName(name), request)
    all.push(...files)
    const fitting = files.filter(wanted)
    if (fitting.length > 0) return { wanted: fitting, all }
  }
  return { wanted: [], all }
}
