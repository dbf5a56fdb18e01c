// A ninth behaviour in the form of a new experiment: what it says of itself is all that the window needs.
import { renderToString } from '@vue/server-renderer'
import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { createSSRApp, ref } from 'vue'
import { behaviours, cardOf } from '../../src-worker/behaviours/registry'
import '../behaviours/shout'
import { stubWindow } from './bridge'

test('the form offers it with its options', async () => {
  const cards = behaviours().map(cardOf)
  expect(cards.at(-1)).toMatchObject({ kind: 'shout', title: 'Shouting' })
  stubWindow({})
  const { useLibrary } = await import('../../src-renderer/stores/library')
  const { useSweepDraft } = await import('../../src-renderer/stores/sweep-draft')
  const { default: Cards } = await import('../../src-renderer/components/new/ExperimentCards.vue')
  const { default: Options } = await import(
    '../../src-renderer/components/new/ExperimentOptions.vue'
  )
  const pinia = createPinia()
  setActivePinia(pinia)
  useLibrary().behaviours = cards
  useSweepDraft().choose('shout')
  const { resolvedKey } = await import('../../src-renderer/components/new/draft-field')
  const html = (view: typeof Cards) =>
    renderToString(createSSRApp(view).use(pinia).provide(resolvedKey, ref(null)))
  expect(await html(Cards)).toContain('Shouting')
  const form = await html(Options)
  expect(form).toContain('How loud')
  expect(form).toContain('Mark at the end')
  expect(form).not.toContain('Tokens skipped')
})
