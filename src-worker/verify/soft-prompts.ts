// reference/soft_prompts: outputs and gradients of the five kinds of soft prompt, against float64.
import { join } from 'node:path'
import type { Parameter, Parameters, PromptShape } from '../contract/snapshot'
import { promptGradientProgram } from '../program/prompt-rows'
import { fromStateDict, positionBits } from '../prompt/state-dict'
import { compared, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import {
  type Golden,
  joined,
  largestDifference,
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

/** Tensors `<prefix><name>` of a reference, as a state dict. */
export async function stateDict(golden: Golden, prefix: string): Promise<Parameters> {
  const names = golden.names.filter(n => n.startsWith(prefix))
  const entries = names.map(async (name): Promise<[string, Parameter]> => {
    const parameter = { shape: golden.shape(name), data: await golden.floats(name) }
    return [name.slice(prefix.length), parameter]
  })
  return new Map(await Promise.all(entries))
}

export async function* verifySoftPrompts(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const device = await deviceOf(context)
  const folder = join(context.reference, 'soft_prompts')
  const { cases } = await readJson<{ cases: readonly PromptCase[] }>(folder, 'soft_prompts.json')
  for (const c of cases) yield* promptCase(device, folder, c)
}

async function* promptCase(
  { runtime, slack }: VerifyDevice,
  folder: string,
  c: PromptCase,
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
  const title = `${c.kind} ${c.case}`
  const output = await golden.doubles(`${c.case}.output`)
  const outputError = largestDifference(repeated(found.rows!.data, output.length), output)
  yield compared(check, `${title} output`, outputError, limits.output * slack)
  const gradients = fromStateDict(shape, await stateDict(golden, `${c.case}.grad.`))
  const [ours, theirs] = [[], []] as [ArrayLike<number>[], ArrayLike<number>[]]
  for (const [name, { data }] of gradients) {
    ours.push(found[`g.${name}`]!.data as Float32Array)
    theirs.push(data)
  }
  const gradientError = relativeError(joined(ours), joined(theirs))
  yield compared(check, `${title} gradient`, gradientError, limits.gradient * slack)
  if (!golden.has(`${c.case}.input_grad`)) return
  const inputGradient = await golden.doubles(`${c.case}.input_grad`)
  const inputError = relativeError(found['g:conditions']!.data as Float32Array, inputGradient)
  yield compared(check, `${title} input gradient`, inputError, limits.gradient * slack)
}

/** Rows shared by the lanes stand for each of them. */
function repeated(rows: ArrayLike<number | bigint>, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Number(rows[i % rows.length]))
}
