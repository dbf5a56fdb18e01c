// Where the Text playground puts a soft prompt.
import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { useLibrary } from '../../src-renderer/stores/library'
import { usePlayground } from '../../src-renderer/stores/playground'
import { useText } from '../../src-renderer/stores/text'
import { settled, stubWindow } from './bridge'
import { entryOf } from './snapshot-entry'

test('a prompt stands where it was trained to stand, until another place is chosen', async () => {
  const after = {
    metadata: { training: { experiment: { kind: 'custom', softPromptAt: 'after' } } },
  }
  const snapshots = () => [
    entryOf('/1', { ...after, run: 'a', step: 1 }),
    entryOf('/2', { ...after, run: 'a', step: 2 }),
    entryOf('/start', { run: 'b' }),
  ]
  setActivePinia(createPinia())
  stubWindow({ snapshots })
  await useLibrary().reload('snapshots')
  const text = useText()
  const placed = async (path: string) => {
    usePlayground().choose('text', path)
    await settled()
    return text.placement
  }
  expect(await placed('/1')).toBe('end')
  text.placement = 3
  expect(await placed('/2')).toBe(3)
  expect(await placed('/start')).toBe('start')
  expect(await placed('/2')).toBe('end')
})
