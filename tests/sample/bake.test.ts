// Rows of a soft prompt at conditions, made without its model: what the app's export and `spw convert` share.
import { expect, test } from 'vitest'
import { bakedRows } from '../../src-worker/sample/bake'
import { demoSampler, randomPrompt } from './demo-sampler'

const names = ['white_elo', 'black_elo']

test('the rows are those that the sampler makes', async () => {
  const sampler = await demoSampler()
  try {
    const { hiddenSize } = sampler.folder.config
    const snapshot = await randomPrompt(hiddenSize, 3, names)
    const rows = await bakedRows(snapshot, [0.25, -0.5])
    expect(rows).toHaveLength(3 * hiddenSize)
    expect(rows).toEqual(await sampler.rows(snapshot, [[0.25, -0.5]]))
    await expect(sampler.rows(snapshot, [[0.25]])).rejects.toMatchObject({ code: 'shape' })
  } finally {
    await sampler.release()
  }
})

test.each([
  [[], '0 were given', 'Give 2, for instance 0,0.'],
  [[1], '1 were given', 'Give 2, for instance 0,0.'],
  [[1, 2, 3], '3 were given', 'Give 2, for instance 0,0.'],
])('%j for a prompt of two conditions is a fault', async (conditions, given, fix) => {
  const message = `this soft prompt is made from 2 conditions (white_elo, black_elo), ${given}`
  await expect(bakedRows(await randomPrompt(8, 2, names), conditions)).rejects.toMatchObject({
    code: 'shape',
    message,
    fix,
  })
})

test('a prompt without conditions takes none', async () => {
  const { metadata } = await randomPrompt(2, 1, names)
  const direct = { ...metadata, shape: { type: 'direct', tokens: 1, width: 2 } as const }
  const data = new Float32Array([1, 2])
  const parameters = new Map([['embedding', { shape: [1, 2], data }]])
  const snapshot = { metadata: { ...direct, conditionNames: [] }, parameters }
  expect(await bakedRows(snapshot, [])).toBe(data)
  await expect(bakedRows(snapshot, [1])).rejects.toMatchObject({
    message: 'this soft prompt is made from 0 conditions, 1 were given',
    fix: 'Give none.',
  })
})
