// Labels of the corrected mode against those that Python writes down (tests/reference/pinned/labels.py); the original's
// mode has its goldens in tests/reference/batches.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  autoregressive,
  favorFuture,
  type Labeller,
  pack,
  repetition,
  skipTokens,
} from '../../src-worker/stream/pack'
import { referencePath } from '../reference-path'

interface Prepared {
  readonly task: string
  readonly parameters: { readonly skip_count?: number; readonly token_lookahead_count?: number }
  readonly tokenizer: string
  readonly batch: string
  readonly P: number
  readonly samples: readonly number[][]
  readonly start_indices: readonly number[]
  readonly repeated_token_ids?: readonly number[]
}
const read = <T>(path: string): T =>
  JSON.parse(readFileSync(referencePath('reference', path), 'utf8'))
const { cases } = read<{ cases: Prepared[] }>('batches/preparers.json')
const goldens = read<{ case: number; rows: [number, number, number][] }[]>('pinned/labels.json')

function labellerOf({ task, parameters, repeated_token_ids: repeated = [] }: Prepared): Labeller {
  if (task === 'skip_tokens') return skipTokens(parameters.skip_count!)
  if (task === 'trivial_repetition') return repetition(repeated)
  if (task === 'favor_future') return favorFuture(parameters.token_lookahead_count!)
  return autoregressive
}

const tasks = [...new Set(cases.map(each => each.task))]
test.each(tasks)('%s: every labelled row, its label and its weight', task => {
  let seen = 0
  for (const { case: n, rows } of goldens) {
    const prepared = cases[n]!
    if (prepared.task !== task) continue
    const { P, samples, start_indices: starts } = prepared
    const lanes = samples.map((ids, i) => ({
      ids: Int32Array.from(ids),
      conditions: new Float32Array(0),
      start: starts[i]!,
      document: i,
    }))
    const { batch } = pack(lanes, labellerOf(prepared), { promptTokens: P })
    const own = [...batch.rows].map((row, r) => [row, batch.labels[r], batch.weights[r]])
    const name = `${n}: ${prepared.tokenizer} ${prepared.batch} P ${P}`
    expect(own, name).toEqual(rows.length === 0 ? [[0, 0, 0]] : rows)
    expect(batch.divisor, name).toBe(rows.reduce((sum, row) => sum + row[2], 0))
    seen += rows.length
  }
  expect(seen).toBeGreaterThan(100)
})
