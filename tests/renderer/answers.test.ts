// An answer that another process finds: what its runs say is asked again when they change, never twice at once.
import { createPinia, setActivePinia } from 'pinia'
import { expect, test } from 'vitest'
import { useAnswers } from '../../src-renderer/stores/answers'
import { later, settled, stubWindow } from './bridge'

test('runs that change while they are looked at are looked at once more', async () => {
  const steps = [later<unknown>(), later<unknown>(), later<unknown>()]
  let asked = 0
  stubWindow({
    answers: () => [
      { id: 'a', request: {}, kind: 'stopped', step: null, run: null, awaited: null },
    ],
    nextOfAnswer: () => steps[asked++]?.promise,
  })
  setActivePinia(createPinia())
  const answers = useAnswers()
  await answers.load()
  const looks = [answers.look('a'), answers.look('a'), answers.look('a')]
  await settled()
  expect(asked).toBe(1)
  steps[0]?.done({ next: { kind: 'run' } })
  await settled()
  expect(answers.get('a')).toMatchObject({ kind: 'stopped', step: { next: { kind: 'run' } } })
  expect(asked).toBe(2)
  steps[1]?.done({ next: { kind: 'ended' } })
  await Promise.all(looks)
  expect(answers.get('a')).toMatchObject({ kind: 'ended', step: { next: { kind: 'ended' } } })
  expect(asked).toBe(2)
})
