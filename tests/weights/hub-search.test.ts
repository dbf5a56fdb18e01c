import { afterEach, expect, test } from 'vitest'
import { searchHub } from '../../src-worker/weights/hub-search'
import { closeHubs, type Manners, openHub } from './stand-in-hub'

afterEach(closeHubs)

test('the most downloaded first; what cannot be run is there and says why', async () => {
  const { endpoint, asked } = await openHub()
  const { models, more } = await searchHub('tiny', { endpoint, token: '' })
  expect(models.map(m => [m.id, m.use])).toEqual([
    ['org/tiny-llama', { kind: 'supported' }],
    ['org/tiny', { kind: 'supported' }],
    ['org/tiny-llama-gptq', { kind: 'unsupported', why: 'weights are quantised (gptq)' }],
    ['org/tiny-mamba', { kind: 'unsupported', why: 'architecture mamba' }],
    ['org/tiny-pickle', { kind: 'unsupported', why: 'no safetensors weights' }],
    ['org/tiny-secret', { kind: 'unknown' }],
  ])
  expect(models[0]).toMatchObject({
    downloads: 90_000,
    gated: true,
    architecture: 'llama',
    parameters: 1_100_000_000,
    bytes: 2_200_000_000,
  })
  expect(models[1]).toMatchObject({ gated: false, parameters: 3_400_000, bytes: 13_600_000 })
  // a number type that we do not know has no known size
  expect(models[3]).toMatchObject({ parameters: 1000, bytes: null })
  expect(more).toBe(false)
  expect(asked[0]).toMatch(/^\/api\/models\?search=tiny&filter=text-generation&.*limit=20/)
})

test('no more than one looks through, and it says that there are more', async () => {
  const { endpoint } = await openHub()
  const { models, more } = await searchHub('many/', { endpoint, token: '' })
  expect([models.length, more]).toEqual([20, true])
  expect(await searchHub('nowhere', { endpoint, token: '' })).toEqual({ models: [], more: false })
})

test.each<[string, Manners, RegExp]>([
  ['no hub', { junk: true }, /127\.0\.0\.1:\d+ does not answer a search as a hub does/],
  ['a broken server', { status: 500 }, /search for tiny: the server answered 500/],
])('%s: a fault', async (_, manners, message) => {
  const { endpoint } = await openHub(manners)
  await expect(searchHub('tiny', { endpoint, token: '' })).rejects.toMatchObject({
    code: 'network',
    message: expect.stringMatching(message),
  })
})

test('offline: a fault that names the place; a search can be stopped', async () => {
  const offline = { endpoint: 'http://127.0.0.1:9', token: '' }
  await expect(searchHub('tiny', offline)).rejects.toMatchObject({
    code: 'network',
    message: 'search for tiny: 127.0.0.1:9 cannot be reached',
  })
  const { endpoint } = await openHub({ silent: true })
  const stop = new AbortController()
  const search = searchHub('tiny', { endpoint, token: '', signal: stop.signal })
  stop.abort()
  await expect(search).rejects.toMatchObject({ name: 'AbortError' })
})
