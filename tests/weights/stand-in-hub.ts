// A loopback server that answers like the Hugging Face hub about one model, and misbehaves as requested.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { referencePath } from '../reference-path'
import { searchAnswer } from './hub-catalogue'

/** How the stand-in of the hub misbehaves. */
export interface Manners {
  /** close the connection after so many bytes of each answer */
  readonly dropAfter?: number
  readonly ignoreRange?: boolean
  /** added to the size that the listing reports model.safetensors */
  readonly lieAboutSize?: number
  readonly wrongChecksum?: boolean
  readonly status?: number
  readonly token?: string
  readonly leaveOut?: string
  /** answers a search with something else than JSON */
  readonly junk?: boolean
  /** never answers */
  readonly silent?: boolean
}

export interface Hub {
  readonly endpoint: string
  readonly asked: string[]
  manners: Manners
}

const servers: Server[] = []
export function closeHubs(): void {
  for (const server of servers.splice(0)) server.closeAllConnections()
}

export const source = referencePath('models/tiny-neox')
const isLfs = (name: string): boolean => name.endsWith('.safetensors')

async function listing({ lieAboutSize = 0, wrongChecksum, leaveOut }: Manners) {
  const names = [...(await readdir(source)), 'README.md', 'pytorch_model.bin']
  const siblings = names
    .filter(name => name !== leaveOut)
    .map(async rfilename => {
      const bytes = await readFile(join(source, rfilename)).catch(() => Buffer.alloc(10))
      if (!isLfs(rfilename)) return { rfilename, size: bytes.length }
      const sha256 = wrongChecksum
        ? '0'.repeat(64)
        : createHash('sha256').update(bytes).digest('hex')
      return { rfilename, lfs: { sha256, size: bytes.length + lieAboutSize } }
    })
  return { sha: 'c0ffee', siblings: await Promise.all(siblings) }
}

async function sendFile(
  name: string,
  hub: Hub,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const bytes = await readFile(join(source, name))
  const range = hub.manners.ignoreRange
    ? undefined
    : /bytes=(\d+)-/.exec(request.headers.range ?? '')
  const from = range ? Number(range[1]) : 0
  if (from >= bytes.length) return response.writeHead(416).end()
  const part = bytes.subarray(from)
  response.writeHead(range ? 206 : 200, {
    'content-length': part.length,
    ...(range ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  })
  const { dropAfter } = hub.manners
  if (dropAfter === undefined || part.length <= dropAfter) return response.end(part)
  response.write(part.subarray(0, dropAfter), () => response.destroy())
}

async function answer(hub: Hub, request: IncomingMessage, response: ServerResponse) {
  const url = request.url ?? ''
  hub.asked.push(`${url} ${request.headers.range ?? ''}`.trim())
  const { status, token, silent } = hub.manners
  if (silent) return
  if (status !== undefined) return response.writeHead(status).end()
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
    return response.writeHead(401).end()
  const search = searchAnswer(url)
  if (search !== undefined) return response.end(hub.manners.junk ? '<html>' : search)
  if (url.startsWith('/api/models/org/tiny/revision/main')) {
    return response.end(JSON.stringify(await listing(hub.manners)))
  }
  const name = /^\/org\/tiny\/resolve\/c0ffee\/(.+)$/.exec(url)?.[1]
  if (name === undefined) return response.writeHead(404).end()
  return sendFile(name, hub, request, response)
}

export async function openHub(manners: Manners = {}): Promise<Hub> {
  const server = createServer((request, response) => void answer(hub, request, response))
  server.keepAliveTimeout = 60_000 // a slow machine pauses for longer than the default
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const hub: Hub = { endpoint: `http://127.0.0.1:${port}`, asked: [], manners }
  return hub
}
