import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { downloadModel, listHubFiles } from '../../src-worker/weights/hub'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { closeHubs, type Hub, type Manners, openHub, source } from './stand-in-hub'

afterEach(closeHubs)

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
    if (!ignoreRange) expect(hub.asked.some(line => /bytes=[1-9]\d*-$/.test(line))).toBe(true)
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

test('a token opens a gated model, and a token that is not there is named', async () => {
  const hub = await openHub({ token: 'secret' })
  await download(hub, await newFolder(), { token: 'secret' })
  const options = { endpoint: 'http://127.0.0.1:9', token: '' }
  await expect(listHubFiles('org/tiny', 'main', tmpdir(), options)).rejects.toThrow(
    '127.0.0.1:9 cannot be reached',
  )
})
