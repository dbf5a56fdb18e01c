// Held-out loss: the same batches every time. Kept apart by document, so that the analysis can resample documents.
import { z } from 'zod'
import type { MicroBatch } from '../contract/batch'
import { Fault } from '../contract/fault'
import type { Parameters } from '../contract/snapshot'
import type { BatchStream } from '../stream/source'
import type { Trainer } from './trainer'

/** final-test.json. value = Σ sums / Σ counts, in nats. */
export const finalTestSchema = z.object({
  loss: z.number(),
  unit: z.enum(['document', 'game', 'board']),
  /** by document, in the order of the held-out data */
  sums: z.array(z.number()),
  counts: z.array(z.number()),
  /** by document: the first of those that share its prompt or text, and so are one unit; absent: each is its own */
  units: z.array(z.int()).optional(),
  batches: z.int(),
  /** the held-out data ended before the batches asked for: each document was seen once */
  wholeSet: z.boolean(),
})
export type FinalTest = z.infer<typeof finalTestSchema>

/** @property documents their ordinals */
export interface LossByDocument extends Omit<FinalTest, 'unit' | 'units'> {
  readonly documents: readonly number[]
}

interface Sums {
  readonly weightedNll: Map<number, number>
  readonly weight: Map<number, number>
}

const add = (to: Map<number, number>, key: number, x: number): void => {
  to.set(key, (to.get(key) ?? 0) + x)
}

/**
 * Loss over at most `batches` held-out batches, ending early when the data have been seen once.
 * Yields the number of batches done, so that the caller may report, or stop. Faults: bad-data, when there is no label.
 */
export async function* testLoss(
  trainer: Trainer,
  parameters: Parameters,
  stream: BatchStream,
  batches: number,
): AsyncGenerator<number, LossByDocument> {
  const total: Sums = { weightedNll: new Map(), weight: new Map() }
  let done = 0
  let wholeSet = false
  while (done < batches) {
    yield done
    const { batch, documentOf, cursor } = await stream.next()
    wholeSet = cursor.epoch > 0
    // the batch that wraps repeats documents: it counts only when it is all there is
    if (wholeSet && done > 0) break
    const { nll } = await trainer.evaluate(parameters, batch)
    addBatch(total, batch, documentOf, nll)
    done++
    if (wholeSet) break
  }
  const documents = [...total.weight.keys()].sort((a, b) => a - b)
  const sums = documents.map(d => total.weightedNll.get(d) ?? 0)
  const counts = documents.map(d => total.weight.get(d) ?? 0)
  const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)
  const labels = sum(counts)
  if (labels === 0)
    throw new Fault(
      'bad-data',
      `the held-out data have no label in ${done} batches: their samples are too short for this experiment`,
      'Raise training.length, or give longer texts.',
    )
  return { loss: sum(sums) / labels, documents, sums, counts, batches: done, wholeSet }
}

function addBatch(
  total: Sums,
  { rows, weights }: MicroBatch,
  documentOf: Int32Array,
  nll: Float32Array,
): void {
  for (let r = 0; r < rows.length; r++) {
    const weight = weights[r] ?? 0
    if (weight === 0) continue
    const document = documentOf[r] ?? 0
    add(total.weightedNll, document, weight * (nll[r] ?? 0))
    add(total.weight, document, weight)
  }
}

/** The result of a generator whose steps are not used. */
export async function resultOf<T>(steps: AsyncGenerator<unknown, T>): Promise<T> {
  let step = await steps.next()
  while (step.done !== true) step = await steps.next()
  return step.value
}
