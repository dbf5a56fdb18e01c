// reference/sampling: probabilities after temperature, top-k, top-p, min-p and repetition penalty.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Distribution, distribution, type PickOptions } from '../sample/pick'
import { readIntegers, readSafetensorsHeader, readTensor } from '../weights/safetensors'
import { compared, exact, type VerifyCase, type VerifyContext } from './case'

interface Golden {
  readonly vectors: number
  readonly vocabulary: number
  readonly configurations: readonly {
    readonly name: string
    readonly temperature?: number
    readonly top_k?: number
    readonly top_p?: number
    readonly min_p?: number
    readonly repetition_penalty?: number
    readonly kept_counts: readonly (number | null)[]
  }[]
}

type Configuration = Golden['configurations'][number]

const check = 'sampling'

const optionsOf = (c: Configuration): PickOptions => ({
  temperature: c.temperature ?? 1,
  topK: c.top_k ?? 0,
  topP: c.top_p ?? 1,
  minP: c.min_p ?? 0,
  repetitionPenalty: c.repetition_penalty ?? 1,
})

/** Probabilities over the whole vocabulary. */
function dense(from: Distribution, width: number): Float64Array {
  const result = new Float64Array(width)
  for (const [i, id] of from.ids.entries()) result[id] = from.probabilities[i]!
  return result
}

function largestDifference(a: Float64Array, b: Float32Array): number {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}

export async function* verifySampling(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, 'sampling')
  const golden = JSON.parse(await readFile(join(folder, 'sampling.json'), 'utf8')) as Golden
  const { tensors } = await readSafetensorsHeader(join(folder, 'sampling.safetensors'))
  const width = golden.vocabulary
  const logits = await readTensor(tensors.get('logits')!)
  const history = await readIntegers(tensors.get('history')!)
  const historyWidth = history.length / golden.vectors
  for (const configuration of golden.configurations) {
    const { name, kept_counts: counts } = configuration
    const expected = await readTensor(tensors.get(`probabilities.${name}`)!)
    for (let i = 0; i < golden.vectors; i++) {
      const wanted = expected.subarray(i * width, (i + 1) * width)
      if (Number.isNaN(wanted[0])) continue
      const row = logits.subarray(i * width, (i + 1) * width)
      const past = [...history.subarray(i * historyWidth, (i + 1) * historyWidth)].filter(
        id => id >= 0,
      )
      const actual = dense(distribution(row, past, optionsOf(configuration)), width)
      const limit = row.every(logit => Math.abs(logit) < 100) ? 1e-6 : 1e-4
      yield compared(check, `${name} ${i}`, largestDifference(actual, wanted), limit)
      const kept = Array.from(Float32Array.from(actual), p => p > 0)
      const keptThere = Array.from(wanted, p => p > 0)
      yield exact(check, `${name} ${i} kept`, kept, keptThere)
      // counted in float64: some probabilities are too small for float32
      const count = actual.filter(p => p > 0).length
      yield exact(check, `${name} ${i} count`, [count], [counts[i] ?? count])
    }
  }
}
