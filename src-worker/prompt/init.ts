// The parameters of a soft prompt before its first step. Letters: P tokens, H model width.

import { elements } from '../contract/dims'
import { Fault } from '../contract/fault'
import type { EmbeddingRows } from '../contract/model'
import type { PromptInit } from '../contract/run-spec'
import type { Parameter, Parameters, PromptShape } from '../contract/snapshot'
import type { Rng } from '../stream/rng'
import { parameterShapes, startName } from './state-dict'

export interface InitOptions {
  readonly shape: PromptShape
  /** of a direct prompt or a subspace's start rows; generators always start as torch's layers do */
  readonly init: Exclude<PromptInit, { kind: 'snapshot' }>
  readonly rng: Rng
  /** asked for only by vocabulary and text */
  readonly embeddings: () => EmbeddingRows | Promise<EmbeddingRows>
  /** text → ids without special tokens; asked for only by text */
  readonly encode: (text: string) => readonly number[] | Promise<readonly number[]>
}

function filled(shape: readonly number[], value: () => number): Parameter {
  const data = new Float32Array(elements(shape))
  for (let i = 0; i < data.length; i++) data[i] = value()
  return { shape, data }
}

/** Rows of these tokens. Fault: the model has another width. */
async function rowsOf(
  ids: readonly number[],
  width: number,
  embeddings: EmbeddingRows,
): Promise<Parameter> {
  if (embeddings.width !== width)
    throw new Fault(
      'shape',
      `the soft prompt is ${width} wide, the model's embedding ${embeddings.width}`,
      'Give the soft prompt the width of the model.',
    )
  return { shape: [ids.length, width], data: await embeddings.read(ids) }
}

/** The ids of a text, repeated or cut to P tokens. */
async function textIds(text: string, tokens: number, options: InitOptions): Promise<number[]> {
  const ids = await options.encode(text)
  if (ids.length === 0)
    throw new Fault('usage', `the text "${text}" has no tokens`, 'Start from a longer text.')
  return Array.from({ length: tokens }, (_, i) => ids[i % ids.length]!)
}

/** [P, H] of a direct prompt, and the start rows of a subspace. */
async function directRows(options: InitOptions): Promise<Parameter> {
  const { init, rng, shape } = options
  const dims = [shape.tokens, shape.width]
  if (init.kind === 'zero' || shape.tokens === 0) return filled(dims, () => 0)
  if (init.kind === 'normal') return filled(dims, () => init.std * rng.normal())
  const embeddings = await options.embeddings()
  const ids =
    init.kind === 'text'
      ? await textIds(init.text, shape.tokens, options)
      : Array.from({ length: shape.tokens }, () => rng.below(embeddings.rows))
  return rowsOf(ids, shape.width, embeddings)
}

/** Inputs of the linear layer that a weight or bias belongs to. */
function fanIn(shapes: ReturnType<typeof parameterShapes>, name: string): number {
  return shapes.get(name.replace(/\.bias$/, '.weight'))?.at(-1) ?? 1
}

/**
 * Linear layers: weight and bias uniform in ±1/√(inputs), as torch.nn.Linear; LayerNorm: weight 1, bias 0.
 */
function generatorParameters(shape: PromptShape, rng: Rng): Parameters {
  const shapes = parameterShapes(shape)
  const result = new Map<string, Parameter>()
  for (const [name, dims] of shapes) {
    const bound = 1 / Math.sqrt(fanIn(shapes, name))
    if (name.endsWith('.layer_norm.weight'))
      result.set(
        name,
        filled(dims, () => 1),
      )
    else if (name.endsWith('.layer_norm.bias'))
      result.set(
        name,
        filled(dims, () => 0),
      )
    else
      result.set(
        name,
        filled(dims, () => bound * (2 * rng.uniform() - 1)),
      )
  }
  return result
}

/**
 * The same generator gives the same parameters. Sampled vocabulary rows: Lester et al. 2021, §3.2.
 * Faults: shape (widths differ), usage (a text without tokens).
 */
export async function initialParameters(options: InitOptions): Promise<Parameters> {
  const { shape } = options
  if (shape.type === 'direct') return new Map([['embedding', await directRows(options)]])
  if (shape.type === 'subspace') {
    const z = filled([shape.dimensions], () => 0)
    return new Map([
      ['z', z],
      [startName, await directRows(options)],
    ])
  }
  return generatorParameters(shape, options.rng)
}
