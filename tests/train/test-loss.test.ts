// Held-out loss with a scripted trainer: each sum by hand.
import { describe, expect, test } from 'vitest'
import type { MicroBatch } from '../../src-worker/contract/batch'
import type { BatchStream, StreamItem } from '../../src-worker/stream/source'
import { resultOf, testLoss } from '../../src-worker/train/test-loss'
import type { Trainer } from '../../src-worker/train/trainer'

interface Scripted {
  /** [weight, nll, document] of each row */
  readonly rows: readonly (readonly [number, number, number])[]
  /** pass over the held-out data */
  readonly epoch?: number
}

function scripted(batches: readonly Scripted[]): { trainer: Trainer; stream: BatchStream } {
  const nlls = new Map<MicroBatch, Float32Array>()
  let at = 0
  const item = ({ rows, epoch = 0 }: Scripted): StreamItem => {
    const batch: MicroBatch = {
      lanes: 1,
      slotsPerLane: rows.length,
      slots: new Int32Array(rows.length),
      rows: Int32Array.from(rows.keys()),
      labels: new Int32Array(rows.length),
      weights: Float32Array.from(rows, row => row[0]),
      divisor: 1,
      conditions: new Float32Array(0),
      tokenCount: rows.length,
    }
    nlls.set(
      batch,
      Float32Array.from(rows, row => row[1]),
    )
    const cursor = {
      version: 1,
      batches: at,
      epoch,
      taken: 0,
      random: [0, 0, 0, 0],
      lanes: [],
    } as const
    return { batch, documentOf: Int32Array.from(rows, row => row[2]), cursor }
  }
  const stream = { next: async () => item(batches[at++]!) } as BatchStream
  // evaluate().loss is something else on purpose: the sums are made of single rows
  const evaluate = async (_: unknown, batch: MicroBatch) => ({ nll: nlls.get(batch)!, loss: 99 })
  return { trainer: { evaluate } as unknown as Trainer, stream }
}

const lossOf = (batches: readonly Scripted[], most: number) => {
  const { trainer, stream } = scripted(batches)
  return resultOf(testLoss(trainer, new Map(), stream, most))
}

test('Σ weight·nll / Σ weight, over batches of unequal weight', async () => {
  const found = await lossOf(
    [
      {
        rows: [
          [1, 2, 0],
          [3, 4, 0],
        ],
      },
      { rows: [[0.5, 8, 1]] },
    ],
    2,
  )
  expect(found.loss).toBe((1 * 2 + 3 * 4 + 0.5 * 8) / 4.5)
  expect(found).toMatchObject({ batches: 2, wholeSet: false })
})

test('sums and weights by document, in the order of the data', async () => {
  const found = await lossOf(
    [
      {
        rows: [
          [2, 1, 7],
          [1, 5, 3],
        ],
      },
      {
        rows: [
          [4, 0.5, 7],
          [1, 3, 3],
        ],
      },
    ],
    2,
  )
  expect(found.sums).toEqual([5 + 3, 2 * 1 + 4 * 0.5])
  expect(found.counts).toEqual([2, 6])
})

test('rows of weight 0 are not there: they have no document', async () => {
  const found = await lossOf(
    [
      {
        rows: [
          [0, 100, 9],
          [1, 2, 0],
        ],
      },
    ],
    1,
  )
  expect(found).toMatchObject({ loss: 2, sums: [2], counts: [1] })
})

describe('the batch that begins again', () => {
  const first = { rows: [[1, 2, 0]] } as const
  test('repeats documents and does not count', async () => {
    const found = await lossOf([first, { rows: [[1, 50, 0]], epoch: 1 }], 5)
    expect(found).toMatchObject({ loss: 2, batches: 1, wholeSet: true })
  })

  test('counts when it is all there is', async () => {
    const found = await lossOf(
      [
        {
          rows: [
            [1, 6, 0],
            [1, 2, 1],
          ],
          epoch: 1,
        },
        first,
      ],
      5,
    )
    expect(found).toMatchObject({ loss: 4, batches: 1, wholeSet: true })
  })
})

test('no more batches than asked for', async () => {
  const found = await lossOf(
    [{ rows: [[1, 2, 0]] }, { rows: [[1, 4, 0]] }, { rows: [[1, 90, 0]] }],
    2,
  )
  expect(found).toMatchObject({ loss: 3, batches: 2, wholeSet: false })
})

test('yields how many are done before each', async () => {
  const { trainer, stream } = scripted([{ rows: [[1, 2, 0]] }, { rows: [[1, 4, 0]] }])
  const done: number[] = []
  for await (const count of testLoss(trainer, new Map(), stream, 2)) done.push(count)
  expect(done).toEqual([0, 1])
})

test('data without any label are a fault', async () => {
  await expect(lossOf([{ rows: [[0, 1, 0]] }, { rows: [[0, 1, 0]] }], 2)).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringContaining('no label in 2 batches'),
    fix: 'Raise training.length, or give longer texts.',
  })
})
