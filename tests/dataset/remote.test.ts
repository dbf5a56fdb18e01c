// Downloads against a server on this machine that breaks, resumes, refuses and changes its mind.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { isHead } from '../../src-worker/dataset/head'
import { previewRemote } from '../../src-worker/dataset/preview'
import { cachedPath, fetchFile } from '../../src-worker/dataset/remote'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const home = (): Promise<string> => mkdtemp(join(tmpdir(), 'spw-home-'))
const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 256))

/** Sends at most `most` bytes a request, then cuts the connection. */
const byRange =
  (asked: string[], most = Number.POSITIVE_INFINITY, tag = '"one"'): RequestListener =>
  (request, response) => {
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '')
    asked.push(request.headers.range ?? '')
    const from = Number(range?.[1] ?? 0)
    const to = range?.[2] ? Math.min(Number(range[2]), body.length - 1) : body.length - 1
    if (from >= body.length) return response.writeHead(416).end()
    const headers: Record<string, string | number> = { etag: tag, 'content-length': to - from + 1 }
    if (range) headers['content-range'] = `bytes ${from}-${to}/${body.length}`
    response.writeHead(range ? 206 : 200, headers)
    const part = body.subarray(from, Math.min(to + 1, from + most))
    response.write(part, () => {
      if (part.length <= to - from) setTimeout(() => response.destroy(), 20)
      else response.end()
    })
  }

test('a whole file, with progress, and only once', async () => {
  const asked: string[] = []
  const url = `${await serve(byRange(asked))}/some/data.jsonl.zst?x=1`
  const progress: (number | undefined)[][] = []
  const options = {
    home: await home(),
    onProgress: (...at: (number | undefined)[]) => progress.push(at),
  }
  const path = await fetchFile(url, options)
  expect((await readFile(path)).equals(body)).toBe(true)
  expect(path).toBe(cachedPath(url, options.home))
  expect(path).toMatch(/datasets.*data\.jsonl\.zst$/)
  expect(progress.at(-1)).toEqual([body.length, body.length])
  await fetchFile(url, options)
  expect(asked).toHaveLength(1)
})

test('a connection that breaks goes on where it stopped', async () => {
  const asked: string[] = []
  const url = `${await serve(byRange(asked, 100_000))}/data.bin`
  const path = await fetchFile(url, { home: await home(), pause: 1 })
  expect((await readFile(path)).equals(body)).toBe(true)
  // what was on the way when the line dropped may be lost, so a range begins at or before what was sent
  const from = asked.map(range => Number(/\d+/.exec(range)?.[0] ?? 0))
  expect(from.length).toBeGreaterThanOrEqual(3)
  from.forEach((at, i) => {
    expect(at).toBeGreaterThanOrEqual(from[i - 1] ?? 0)
    expect(at).toBeLessThanOrEqual((from[i - 1] ?? -100_000) + 100_000)
  })
})

test('a download goes on after a restart', async () => {
  const asked: string[] = []
  const url = `${await serve(byRange(asked))}/data.bin`
  const place = await home()
  const path = cachedPath(url, place)
  await fetchFile(`${url}?other`, { home: place }) // makes the folder
  await writeFile(`${path}.part`, body.subarray(0, 1234))
  await writeFile(`${path}.part.json`, JSON.stringify({ url, tag: '"one"' }))
  asked.length = 0
  expect((await readFile(await fetchFile(url, { home: place }))).equals(body)).toBe(true)
  expect(asked).toEqual(['bytes=1234-'])
})

test('a head of wanted size', async () => {
  const asked: string[] = []
  const url = `${await serve(byRange(asked))}/data.jsonl`
  const path = await fetchFile(url, { home: await home(), headBytes: 5000 })
  expect((await readFile(path)).equals(body.subarray(0, 5000))).toBe(true)
  expect(asked).toEqual(['bytes=0-4999'])
  expect(isHead(path)).toBe(true)
})

test('a server without ranges sends all of it again', async () => {
  let count = 0
  const url = await serve((_, response) => {
    count += 1
    response.writeHead(200, { 'content-length': body.length })
    if (count === 1)
      response.write(body.subarray(0, 5000), () => setTimeout(() => response.destroy(), 20))
    else response.end(body)
  })
  const path = await fetchFile(`${url}/x.txt`, { home: await home(), pause: 1 })
  expect((await readFile(path)).equals(body)).toBe(true)
  expect(count).toBe(2)
})

test.each([404, 500, 403])('status %i is a fault that says so', async status => {
  const url = await serve((_, response) => response.writeHead(status).end())
  await expect(fetchFile(`${url}/x.txt`, { home: await home(), pause: 1 })).rejects.toMatchObject({
    code: 'network',
    message: expect.stringContaining(`the server answers ${status}`),
  })
})

test('no server is a fault after several attempts', async () => {
  const url = await serve(() => {})
  server?.close()
  await expect(fetchFile(`${url}/x.txt`, { home: await home(), pause: 1 })).rejects.toMatchObject({
    code: 'network',
    message: expect.stringMatching(/failed after 0 bytes: .*ECONNREFUSED/),
  })
})

test('the head of a parquet file is refused', async () => {
  const work = fetchFile('http://127.0.0.1:1/x.parquet', { home: await home(), headBytes: 10 })
  await expect(work).rejects.toMatchObject({ code: 'usage' })
})

test('stopping keeps what was fetched', async () => {
  const asked: string[] = []
  const url = `${await serve(byRange(asked, 50_000))}/data.bin`
  const place = await home()
  const stop = new AbortController()
  const onProgress = (done: number): void => {
    if (done >= 50_000) stop.abort()
  }
  const work = fetchFile(url, { home: place, onProgress, signal: stop.signal, pause: 1 })
  await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  expect((await readFile(`${cachedPath(url, place)}.part`)).length).toBeGreaterThanOrEqual(50_000)
})

test('a look at a remote file fetches its head only', async () => {
  const lines = Buffer.from(
    JSON.stringify({ text: 'x'.repeat(90) })
      .concat('\n')
      .repeat(20_000),
  )
  let range = ''
  const url = await serve((request, response) => {
    range = request.headers.range ?? ''
    const part = lines.subarray(0, 1 << 20)
    response.writeHead(206, { 'content-range': `bytes 0-${part.length - 1}/${lines.length}` })
    response.end(part)
  })
  const shown = await previewRemote(`${url}/lines.jsonl`, 3, '', await home())
  expect(shown).toMatchObject({ path: `${url}/lines.jsonl`, field: 'text' })
  expect(shown.rows).toHaveLength(3)
  expect(range).toBe('bytes=0-1048575')
})
