// reference/soft_prompts: outputs and gradients of the five kinds of soft prompt, against float64.
import { join } from 'node:path'
import type { Parameter, Parameters, PromptShape } from '../contract/snapshot'
import { promptGradientProgram } from '../program/prompt-rows'
import { fromStateDict, positionBits } from '../prompt/state-dict'
import { Absent, measured, part, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import {
  type Golden,
  joined,
  largestDifference,
  limitOf,
  openGolden,
  readJson,
  relativeError,
} from './golden'

const check = 'soft-prompts'
const limits = { output: 1e-5, gradient: 1e-5 }

interface PromptCase {
  readonly kind: string
  readonly case: string
  readonly tensor_file: string
  readonly P: number
  readonly input_size: number
  readonly batch: number
  readonly seed_metadata: Readonly<Record<string, number>>
  readonly state_dict_order: readonly string[]
  readonly buffers: readonly string[]
}

interface Deviation {
  readonly output_abs?: number
  readonly grad_rel?: number
}

interface PromptFile {
  /** by kind */
  readonly float32_deviation?: Readonly<Record<string, Deviation>>
  readonly cases: readonly PromptCase[]
}

/** What the original's metadata says of a prompt, in our words. */
export function shapeOfSeed(kind: string, seed: Readonly<Record<string, number>>): PromptShape {
  const size = (name: string): number => seed[name] ?? 0
  const tokens = size('soft_prompt_token_count')
  const width = size('embedding_size') || size('output_embedding_size')
  if (kind === 'direct') return { type: 'direct', tokens, width }
  const conditions = size('input_size')
  if (kind === 'linear') return { type: 'linear', tokens, width, conditions }
  const hidden = {
    hiddenLayers: size('hidden_layer_count'),
    hiddenWidth: size('hidden_layer_width'),
  }
  if (kind.startsWith('mlp')) return { type: 'mlp', tokens, width, conditions, ...hidden }
  const residual = { tokens, width, residualWidth: size('residual_width'), ...hidden }
  if (kind === 'resnet') return { type: 'resnet', conditions, ...residual }
  // the original counts the position bits among the inputs
  return { type: 'shared-resnet', conditions: conditions - positionBits(tokens), ...residual }
}

/** Tensors `<prefix><name>` of a reference, as a state dict. Absent: there are none. */
export async function stateDict(golden: Golden, prefix: string): Promise<Parameters> {
  const names = golden.names.filter(n => n.startsWith(prefix))
  if (names.length === 0) throw new Absent(`there is no array ${prefix}…`)
  const entries = names.map(async (name): Promise<[string, Parameter]> => {
    const parameter = { shape: golden.shape(name), data: await golden.floats(name) }
    return [name.slice(prefix.length), parameter]
  })
  return new Map(await Promise.all(entries))
}

export async function* verifySoftPrompts(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, 'soft_prompts')
  const { cases, float32_deviation: deviations = {} } = await readJson<PromptFile>(
    folder,
    'soft_prompts.json',
  )
  const device = await deviceOf(context)
  for (const c of cases) {
    const compared = promptCase(device, folder, c, deviations[c.kind] ?? {})
    yield* part(check, `${c.kind} ${c.case}`, compared)
  }
}

async function* promptCase(
  { runtime, slack }: VerifyDevice,
  folder: string,
  c: PromptCase,
  deviation: Deviation,
): AsyncGenerator<VerifyCase, void> {
  const golden = await openGolden(folder, c.tensor_file)
  const shape = shapeOfSeed(c.kind, c.seed_metadata)
  const parameters = fromStateDict(shape, await stateDict(golden, `${c.case}.param.`))
  const cotangent = await golden.floats(`${c.case}.cotangent`)
  const conditions = golden.has(`${c.case}.input`)
    ? await golden.floats(`${c.case}.input`)
    : new Float32Array(0)
  const program = promptGradientProgram(shape, parameters, conditions, cotangent, c.batch)
  const session = await runtime.open(program.bytes, undefined)
  const found = await session.run(program.feeds)
  await session.release()
  const one = (what: string, limit: number, error: () => Promise<number>): Promise<VerifyCase> =>
    measured(check, `${c.kind} ${c.case} ${what}`, limit * slack, error)
  yield await one('output', limitOf(limits.output, deviation.output_abs), async () => {
    const output = await golden.doubles(`${c.case}.output`)
    return largestDifference(repeated(found.rows!.data, output.length), output)
  })
  const gradientLimit = limitOf(limits.gradient, deviation.grad_rel)
  yield await one('gradient', gradientLimit, async () => {
    const expected = fromStateDict(shape, await stateDict(golden, `${c.case}.grad.`))
    const ours = [...expected.keys()].map(name => found[`g.${name}`]!.data as Float32Array)
    return relativeError(joined(ours), joined([...expected.values()].map(p => p.data)))
  })
  if (!golden.has(`${c.case}.input_grad`)) return
  yield await one('input gradient', gradientLimit, async () => {
    const expected = await golden.doubles(`${c.case}.input_grad`)
    return relativeError(found['g:conditions']!.data as Float32Array, expected)
  })
}

/** Rows shared by the lanes stand for each of them. */
function repeated(rows: ArrayLike<number | bigint>, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Number(rows[i % rows.length]))
}
