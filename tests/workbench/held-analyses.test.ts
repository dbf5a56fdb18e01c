// What is prepared ahead is there when it is asked for, is made once, and waits while something is asked.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { heldAnalyses } from '../../src-worker/workbench/held-analyses'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function counted() {
  const made: string[] = []
  const held = heldAnalyses<string, { of: string }>(async request => ({
    key: request,
    make: async () => {
      if (request === 'broken') throw new Error('broken')
      made.push(request)
      return { of: request }
    },
  }))
  return { made, held }
}

test('the next are prepared once nothing is asked, one after another, and not made again', async () => {
  const { made, held } = counted()
  await held.get('tokens')
  held.ahead(['numbers', 'bits'])
  expect(made).toEqual(['tokens'])
  await vi.advanceTimersByTimeAsync(500)
  expect(made).toEqual(['tokens', 'numbers'])
  await vi.advanceTimersByTimeAsync(500)
  expect(made).toEqual(['tokens', 'numbers', 'bits'])
  expect(await held.get('numbers')).toEqual({ of: 'numbers' })
  expect(made).toHaveLength(3)
})

test('a request comes before what nobody asked for', async () => {
  const { made, held } = counted()
  held.ahead(['numbers'])
  await vi.advanceTimersByTimeAsync(300)
  await held.get('bits')
  await vi.advanceTimersByTimeAsync(5000)
  expect(made).toEqual(['bits'])
})

test('what fails ahead ends it there, and fails again for the one who asks', async () => {
  const { made, held } = counted()
  held.ahead(['broken', 'bits'])
  await vi.advanceTimersByTimeAsync(5000)
  expect(made).toEqual([])
  await expect(held.get('broken')).rejects.toThrow('broken')
})
