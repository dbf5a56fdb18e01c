// A slice of `npm run fuzz`: 20 s in continuous integration, one round of every reader elsewhere.
import { expect, test } from 'vitest'
import { fuzz } from './fuzz'

test('damaged files, through every reader: no death, no hang, nothing but faults', async () => {
  const { failures, cases, read, refused, readers } = await fuzz({
    seconds: process.env.CI ? 20 : 1,
    seed: 1,
  })
  expect(failures).toEqual([])
  expect(Object.keys(readers).length).toBeGreaterThanOrEqual(16)
  expect(cases).toBeGreaterThan(1000)
  // damage that nothing notices, and damage that is refused: both must be there
  expect(read).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(100)
}, 600_000)
