// A server that falls silent without closing: the connection is cut, and the rest fetched over a new one.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { fetchFile } from '../../src-worker/dataset/remote'
import { temporaryFolder } from '../temporary'

test('a silent connection is taken up anew where it stopped', async () => {
  const body = Buffer.from('0123456789'.repeat(5000))
  const asked: number[] = []
  const server = createServer((request, response) => {
    const from = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0)
    asked.push(from)
    const range = `bytes ${from}-${body.length - 1}/${body.length}`
    const length = body.length - from
    const headers = { etag: '"a"', 'content-length': length }
    response.writeHead(
      from > 0 ? 206 : 200,
      from > 0 ? { ...headers, 'content-range': range } : headers,
    )
    // the first answer stops half-way and stays open
    if (asked.length === 1) response.write(body.subarray(0, 20_000))
    else response.end(body.subarray(from))
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const options = { home: temporaryFolder(), idleTimeout: 200, pause: 1 }
  try {
    const path = await fetchFile(`http://127.0.0.1:${port}/x.jsonl`, options)
    expect(readFileSync(path).equals(body)).toBe(true)
    expect(asked).toEqual([0, 20_000])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
