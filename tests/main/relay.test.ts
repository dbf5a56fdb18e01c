import type { WebContents } from 'electron'
import { describe, expect, test } from 'vitest'
import { createAllowedPaths } from '../../src-main/paths-allowed'
import { createRelay, type Sender } from '../../src-main/relay'
import type { DesktopApi } from '../../src-worker/contract/desktop'
import { Fault } from '../../src-worker/contract/fault'

const page = 'app://workbench/index.html'
const ours = { isDestroyed: () => false, send: () => undefined } as unknown as WebContents
const frame = { url: page, parent: null }
const us: Sender = { sender: ours, senderFrame: frame }

const desktop = {
  copyText: async () => null,
  showInFolder: async () => {
    throw new Fault('not-found', 'no such folder', 'Choose another.')
  },
} as unknown as DesktopApi

function relayWith(datasets: unknown = []) {
  const allowed = createAllowedPaths('/home', '/resources')
  const asked: [string, unknown][] = []
  const answered: string[] = []
  const relay = createRelay({
    contents: () => ours,
    devServer: undefined,
    desktop,
    allowed: () => allowed,
    isElsewhere: () => false,
    engine: async (name, args) => {
      if (name === 'datasets') return { ok: true, value: datasets }
      asked.push([name, args])
      return { ok: true, value: 'from the engine' }
    },
    amend: (name, args) =>
      name === 'startDownload' ? { ...(args as object), token: 'secret' } : args,
    answered: name => answered.push(name),
  })
  return { relay, asked, answered }
}

describe('who may ask', () => {
  test.each<[string, Sender]>([
    ['another window', { sender: {} as WebContents, senderFrame: frame }],
    ['a frame that is gone', { sender: ours, senderFrame: null }],
    ['a frame inside the page', { sender: ours, senderFrame: { url: page, parent: {} as never } }],
    [
      'a foreign page',
      { sender: ours, senderFrame: { url: 'https://example.com/', parent: null } },
    ],
    ['a file', { sender: ours, senderFrame: { url: 'file:///x.html', parent: null } }],
  ])('not %s', async (_who, from) => {
    const { relay, asked } = relayWith()
    const answer = await relay.call(from, 'runs', {})
    expect(answer).toMatchObject({ ok: false, fault: { code: 'usage' } })
    expect(asked).toEqual([])
  })

  test('the top frame of our window', async () => {
    const { relay, asked, answered } = relayWith()
    expect(await relay.call(us, 'runs', {})).toEqual({ ok: true, value: 'from the engine' })
    expect(asked).toEqual([['runs', {}]])
    expect(answered).toEqual(['runs'])
  })
})

describe('what may be asked', () => {
  test.each([
    ['nothing', {}, 'there is no call named nothing'],
    ['__proto__', {}, 'there is no call named __proto__'],
    ['hasOwnProperty', {}, 'there is no call named hasOwnProperty'],
    ['run', null, 'run: Invalid input: expected object, received null'],
    ['run', { id: 3 }, 'run.id: Invalid input: expected string, received number'],
    ['copyText', { text: [] }, 'copyText.text: Invalid input: expected string, received array'],
    ['copyText', { text: 'x'.repeat(33_000_000) }, 'expected string to have <=32000000 characters'],
  ])('%s with wrong arguments is refused in words', async (name, args, words) => {
    const { relay, asked } = relayWith()
    const answer = await relay.call(us, name, args)
    expect(answer.ok).toBe(false)
    expect(answer.ok || answer.fault.message).toContain(words)
    expect(asked).toEqual([])
  })

  test('unknown fields are dropped, the token is put in', async () => {
    const { relay, asked } = relayWith()
    await relay.call(us, 'startDownload', { id: 'a/b', revision: 'main', token: '', evil: 1 })
    expect(asked).toEqual([
      ['startDownload', { id: 'a/b', revision: 'main', token: 'secret', tokenOrigin: '' }],
    ])
  })

  test('a path that nobody chose is refused; one that the engine lists, or that was dropped, is not', async () => {
    const { relay, asked } = relayWith([{ path: '/data/mine.jsonl' }])
    const preview = (path: string) =>
      relay.call(us, 'previewDataset', { path, field: '', count: 1 })
    expect(await preview('/etc/passwd')).toMatchObject({ ok: false, fault: { code: 'usage' } })
    expect(asked.filter(([name]) => name === 'previewDataset')).toEqual([])
    expect(await preview('/data/mine.jsonl')).toMatchObject({ ok: true })
    relay.dropped({ ...us, senderFrame: null }, '/etc/passwd')
    expect(await preview('/etc/passwd')).toMatchObject({ ok: false })
    relay.dropped(us, '/data/dropped')
    expect(await preview('/data/dropped/a.jsonl')).toMatchObject({ ok: true })
  })

  test('a fault of the desktop crosses with its fix', async () => {
    const { relay } = relayWith()
    expect(await relay.call(us, 'showInFolder', { path: '/x' })).toEqual({
      ok: false,
      fault: { code: 'not-found', message: 'no such folder', fix: 'Choose another.' },
    })
  })
})
