// reference/sampling: probabilities after temperature, top-k, top-p, min-p and repetition penalty.
import { join } from 'node:path'
import { type Distribution, distribution, type PickOptions } from '../sample/pick'
import { compared, exact, part, type VerifyCase, type VerifyContext } from './case'
import { type Golden, largestDifference, openGolden, readJson } from './golden'

interface SamplingFile {
  readonly tensor_file?: string
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

type Configuration = SamplingFile['configurations'][number]

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

export async function* verifySampling(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, check)
  const file = await readJson<SamplingFile>(folder, 'sampling.json')
  const golden = await openGolden(folder, file.tensor_file ?? 'sampling.safetensors')
  const vectors = { ...file, golden, logits: await golden.floats('logits') }
  for (const configuration of file.configurations)
    yield* part(check, configuration.name, configurationCases(vectors, configuration))
}

interface Vectors {
  readonly golden: Golden
  readonly vectors: number
  readonly vocabulary: number
  /** [vectors, vocabulary] */
  readonly logits: Float32Array
}

async function* configurationCases(
  { golden, vectors, vocabulary: width, logits }: Vectors,
  configuration: Configuration,
): AsyncGenerator<VerifyCase, void> {
  const { name, kept_counts: counts } = configuration
  const expected = await golden.floats(`probabilities.${name}`)
  const history = await golden.integers('history')
  const historyWidth = history.length / vectors
  for (let i = 0; i < vectors; i++) {
    const wanted = expected.subarray(i * width, (i + 1) * width)
    if (Number.isNaN(wanted[0])) continue
    const row = logits.subarray(i * width, (i + 1) * width)
    const past = history.subarray(i * historyWidth, (i + 1) * historyWidth).filter(id => id >= 0)
    const actual = dense(distribution(row, [...past], optionsOf(configuration)), width)
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
