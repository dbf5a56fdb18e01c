// A stand-in of the Hugging Face hub on the loopback, serving one folder as org/tiny.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { searchAnswer } from '../weights/hub-catalogue'

export interface Manners {
  /** close the connection after so many bytes of each answer */
  readonly dropAfter?: number
  readonly wrongChecksum?: boolean
}

export interface Hub {
  readonly endpoint: string
  /** paths and ranges asked for */
  readonly asked: readonly string[]
  close(): void
}

const isLarge = (name: string): boolean => name.endsWith('.safetensors')

function listing(folder: string, manners: Manners): unknown {
  const siblings = readdirSync(folder).map(rfilename => {
    const bytes = readFileSync(join(folder, rfilename))
    if (!isLarge(rfilename)) return { rfilename, size: bytes.length }
    const right = createHash('sha256').update(bytes).digest('hex')
    return {
      rfilename,
      lfs: { sha256: manners.wrongChecksum ? '0'.repeat(64) : right, size: bytes.length },
    }
  })
  return { sha: 'c0ffee', siblings: [...siblings, { rfilename: 'pytorch_model.bin', size: 10 }] }
}

function sendFile(bytes: Buffer, request: IncomingMessage, response: ServerResponse, drop: number) {
  const range = /bytes=(\d+)-/.exec(request.headers.range ?? '')
  const from = range ? Number(range[1]) : 0
  const part = bytes.subarray(from)
  response.writeHead(range ? 206 : 200, {
    'content-length': part.length,
    ...(range ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  })
  if (part.length <= drop) response.end(part)
  else response.write(part.subarray(0, drop), () => response.destroy())
}

export async function openHub(folder: string, manners: Manners): Promise<Hub> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    asked.push(`${url} ${request.headers.range ?? ''}`.trim())
    const name = /\/resolve\/[^/]+\/([^/?]+)/.exec(url)?.[1]
    const search = searchAnswer(url)
    if (search !== undefined) response.end(search)
    else if (url.startsWith('/api/models/org/tiny'))
      response.end(JSON.stringify(listing(folder, manners)))
    else if (name === undefined) response.writeHead(404).end()
    else {
      const bytes = readFileSync(join(folder, name))
      sendFile(bytes, request, response, manners.dropAfter ?? Number.POSITIVE_INFINITY)
    }
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
