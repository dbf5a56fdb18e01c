import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { downloadModel, listHubFiles } from '../../src-worker/weights/hub'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { shared } from '../shared'

/** How the stand-in of the hub misbehaves. */
interface Manners {
  /** close the connection after so many bytes of each answer */
  readonly dropAfter?: number
  readonly ignoreRange?: boolean
  /** added to the size that the listing tells of model.safetensors */
  readonly lieAboutSize?: number
  readonly wrongChecksum?: boolean
  readonly status?: number
  readonly token?: string
  readonly leaveOut?: string
}

interface Hub {
  readonly endpoint: string
  readonly asked: string[]
  manners: Manners
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections()
})

const source = shared('models/tiny-neox')
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
  const { status, token } = hub.manners
  if (status !== undefined) return response.writeHead(status).end()
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
    return response.writeHead(401).end()
  if (url.startsWith('/api/models/org/tiny/revision/main')) {
    return response.end(JSON.stringify(await listing(hub.manners)))
  }
  const name = /^\/org\/tiny\/resolve\/c0ffee\/(.+)$/.exec(url)?.[1]
  if (name === undefined) return response.writeHead(404).end()
  return sendFile(name, hub, request, response)
}

async function openHub(manners: Manners = {}): Promise<Hub> {
  const server = createServer((request, response) => void answer(hub, request, response))
  server.keepAliveTimeout = 60_000 // a slow machine pauses for longer than the default
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const hub: Hub = { endpoint: `http://127.0.0.1:${port}`, asked: [], manners }
  return hub
}

const newFolder = async (): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), 'spw-hub-')), 'models', 'org', 'tiny')

const download = (hub: Hub, folder: string, more: object = {}) =>
  downloadModel({
    id: 'org/tiny',
    revision: 'main',
    endpoint: hub.endpoint,
    token: '',
    retryDelay: 5,
    folder,
    onProgress: () => {},
    ...more,
  })

test('only needed files are fetched, and the folder opens', async () => {
  const hub = await openHub()
  const folder = await newFolder()
  const progress: number[] = []
  const { commit, neededBytes } = await download(hub, folder, {
    onProgress: (p: { doneBytes: number }) => progress.push(p.doneBytes),
  })
  expect(commit).toBe('c0ffee')
  expect(Math.max(...progress)).toBe(neededBytes)
  expect([...progress].sort((a, b) => a - b)).toEqual(progress)
  const files = await readdir(folder)
  expect(files).toContain('model.safetensors')
  expect(files.filter(name => /README|\.bin|incomplete|v5/.test(name))).toEqual([])
  const model = await openModelFolder(folder)
  expect(model.id).toBe('org/tiny')
  expect(await readFile(join(folder, 'model.safetensors'))).toEqual(
    await readFile(join(source, 'model.safetensors')),
  )
  const before = hub.asked.length
  await download(hub, folder)
  expect(hub.asked.length - before).toBe(1)
})

test.each([false, true])(
  'a dropped connection is taken up again (range ignored: %s)',
  async ignoreRange => {
    const hub = await openHub({ dropAfter: 300_000, ignoreRange })
    const folder = await newFolder()
    if (ignoreRange) {
      await expect(download(hub, folder)).rejects.toThrow('5 more tries brought no new byte')
      hub.manners = { ignoreRange: true }
    }
    await download(hub, folder)
    expect(await readFile(join(folder, 'model.safetensors'))).toEqual(
      await readFile(join(source, 'model.safetensors')),
    )
    if (!ignoreRange) expect(hub.asked.some(line => line.endsWith('bytes=300000-'))).toBe(true)
  },
)

test('a stopped download goes on where it was', async () => {
  const hub = await openHub({ dropAfter: 200_000 })
  const folder = await newFolder()
  const stop = new AbortController()
  const stopped = download(hub, folder, {
    signal: stop.signal,
    onProgress: ({ file, doneBytes }: { file: string; doneBytes: number }) => {
      if (file === 'model.safetensors' && doneBytes > 400_000) stop.abort()
    },
  })
  await expect(stopped).rejects.toThrow()
  const partial = join(folder, 'model.safetensors.incomplete')
  const { size } = await stat(partial)
  expect(size).toBeGreaterThan(300_000)
  hub.manners = {}
  const before = hub.asked.length
  await download(hub, folder)
  expect(hub.asked.slice(before).some(line => line.includes(`bytes=${size}-`))).toBe(true)
  await openModelFolder(folder)
})

test('a wrong checksum is refused and the wrong file deleted', async () => {
  const hub = await openHub({ wrongChecksum: true })
  const folder = await newFolder()
  await expect(download(hub, folder)).rejects.toMatchObject({
    code: 'network',
    message: expect.stringMatching(
      /model\.safetensors has the checksum .*the listing says 000000000000/,
    ),
  })
  const files = await readdir(folder)
  expect(files.filter(name => name.startsWith('model.safetensors'))).toEqual([])
  expect(files).not.toContain('config.json')
})

test.each([100, -100])('a size that is a lie (%i bytes) is refused', async lieAboutSize => {
  const hub = await openHub({ lieAboutSize })
  const folder = await newFolder()
  const { size } = await stat(join(source, 'model.safetensors'))
  await expect(download(hub, folder)).rejects.toThrow(
    `should have ${size + lieAboutSize} bytes by the listing, the server's file has ${size}`,
  )
  expect(await readdir(folder)).not.toContain('model.safetensors')
})

test('damaged bytes of an earlier try do not survive', async () => {
  const hub = await openHub()
  const folder = await newFolder()
  await download(hub, folder)
  const path = join(folder, 'model.safetensors')
  const bytes = await readFile(path)
  bytes[5000]! ^= 1
  await writeFile(path, bytes)
  await download(hub, folder)
  expect(await readFile(path)).toEqual(await readFile(join(source, 'model.safetensors')))
})

test.each<[string, Manners, object, string, RegExp]>([
  ['an unknown model', { status: 404 }, {}, 'not-found', /there is no model org\/tiny/],
  [
    'a gated model',
    { token: 'secret' },
    {},
    'network',
    /model org\/tiny is gated or private \(status 401\)/,
  ],
  ['a broken server', { status: 500 }, {}, 'network', /the server answered 500/],
  [
    'no weights',
    { leaveOut: 'model.safetensors' },
    {},
    'bad-weights',
    /org\/tiny has no safetensors weights/,
  ],
  [
    'no tokenizer',
    { leaveOut: 'tokenizer.json' },
    {},
    'bad-tokenizer',
    /org\/tiny has no tokenizer\.json/,
  ],
  ['an id that leaves the folder', {}, { id: '../etc' }, 'usage', /is no model id/],
])('%s', async (_, manners, more, code, words) => {
  const hub = await openHub(manners)
  const error = await download(hub, await newFolder(), more).catch((e: unknown) => e)
  expect(error).toMatchObject({ name: 'Fault', code, message: expect.stringMatching(words) })
})

test('a token opens a gated model, and nobody there is told so', async () => {
  const hub = await openHub({ token: 'secret' })
  await download(hub, await newFolder(), { token: 'secret' })
  const options = { endpoint: 'http://127.0.0.1:9', token: '' }
  await expect(listHubFiles('org/tiny', 'main', tmpdir(), options)).rejects.toThrow(
    '127.0.0.1:9 cannot be reached',
  )
})
