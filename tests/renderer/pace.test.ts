// Draws after a quiet while are made at once, those of a stream keep to their share of the time.
import { expect, test } from 'vitest'
import { createPace } from '../../src-renderer/charts/pace'

test('changes that a person makes now and then do not wait', () => {
  const pace = createPace()
  for (let now = 0; now < 10_000; now += 1000) {
    expect(pace.pause(now)).toBe(0)
    pace.drew(now, now + 40)
  }
})

test('two changes soon after each other: neither waits', () => {
  const pace = createPace()
  pace.drew(0, 15)
  expect(pace.pause(100)).toBe(0)
})

test('a stream is drawn in a twenty-fourth of the time', () => {
  const pace = createPace()
  let drawing = 0
  let now = 0
  while (now < 60_000) {
    now += Math.max(pace.pause(now), 1)
    pace.drew(now, now + 10)
    now += 10
    drawing += 10
  }
  expect(drawing / now).toBeGreaterThan(0.03)
  expect(drawing / now).toBeLessThan(1 / 23)
})
