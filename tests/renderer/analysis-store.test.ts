// The Analysis screen asks one question at a time, and at last that of the newest settings.
import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { useAnalysis } from '../../src-renderer/stores/analysis'
import { analyse } from '../../src-worker/analysis/analyse'
import type { Analysis } from '../../src-worker/contract/analysis'
import { run } from '../analysis/fixtures'
import { later, settled, stubWindow } from './bridge'

test('while one question is being answered, only the newest of the others waits', async () => {
  setActivePinia(createPinia())
  const pending: ReturnType<typeof later<Analysis>>[] = []
  const bridge = stubWindow({
    analyse: () => {
      const one = later<Analysis>()
      pending.push(one)
      return one.promise
    },
  })
  const answer = analyse([run()], { draws: 0 })
  const units = () => bridge.of('analyse').map(args => (args.options as { unit: string }).unit)
  const store = useAnalysis()
  const all: Promise<void>[] = []
  for (const unit of ['nats', 'bits', 'perplexity'] as const) {
    store.setUnit(unit)
    all.push(store.load())
  }
  await settled()
  expect(units()).toEqual(['nats'])
  expect(store.asking.busy).toBe(true)
  pending[0]?.done(answer)
  await settled()
  expect(units()).toEqual(['nats', 'perplexity'])
  pending[1]?.done(answer)
  await Promise.all(all)
  expect(units()).toHaveLength(2)
  expect([store.asking.busy, bridge.of('cancel')]).toEqual([false, []])
})
