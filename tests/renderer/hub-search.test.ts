import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { HubFound } from '../../src-worker/contract/library'
import { later, stubWindow } from './bridge'

const { isWholeId, useHubSearch } = await import('../../src-renderer/stores/hub-search')

const found = (...ids: string[]) => ({ models: ids.map(id => ({ id })), more: false })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** @param answer of the hub, by the words */
function open(answer: (text: string) => unknown) {
  const window = stubWindow({
    searchHub: ({ text }: { text: string }) => answer(text),
    cancel: () => null,
  })
  const scope = effectScope()
  const search = scope.run(useHubSearch) as ReturnType<typeof useHubSearch>
  const type = async (text: string, wait = 400) => {
    search.text.value = text
    await nextTick()
    await vi.advanceTimersByTimeAsync(wait)
  }
  return { ...window, ...search, scope, type }
}

test('keys in quick succession ask once, for the last words', async () => {
  const { type, of, found: shown, searching } = open(text => found(text))
  await type('py', 100)
  await type('pyth', 100)
  await type(' pythia ')
  expect(of('searchHub')).toEqual([{ request: 'hub-search', text: 'pythia' }])
  expect(shown.value).toEqual(found('pythia'))
  expect(searching.value).toBe(false)
  await type('p')
  expect(shown.value).toBeNull()
  expect(of('searchHub').length).toBe(1)
})

test('an answer that comes too late is not shown, and nobody waits for it', async () => {
  const slow = later<HubFound>()
  const { type, of, found: shown } = open(text => (text === 'slow' ? slow.promise : found(text)))
  await type('slow')
  await type('quick')
  slow.done(found('slow') as unknown as HubFound)
  await vi.advanceTimersByTimeAsync(10)
  expect(shown.value).toEqual(found('quick'))
  expect(of('cancel')).toContainEqual({ request: 'hub-search' })
})

test('offline: the fault, until one writes on; leaving stops the search', async () => {
  const fault = { code: 'network', message: 'the hub cannot be reached', fix: 'Connect.' }
  const offline = open(() => {
    throw fault
  })
  await offline.type('pythia')
  expect(offline.fault.value).toMatchObject(fault)
  offline.text.value = 'pythi'
  await nextTick()
  expect(offline.fault.value).toBeNull()
  offline.scope.stop()
  expect(offline.of('cancel').length).toBe(1)
})

test.each([
  ['EleutherAI/pythia-70m', true],
  ['pythia', false],
  ['a/b/c', false],
  ['a/', false],
])('%s is a whole id: %s', (text, whole) => {
  expect(isWholeId(text)).toBe(whole)
})
