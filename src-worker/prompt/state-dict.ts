// Names and shapes of a soft prompt's parameters: as the engine holds them, and as the original's files name them.
// Letters: P tokens, H model width, C conditions, R residual width, W hidden width. Linear weights are [out, in].
import { elements } from '../contract/dims'
import { Fault, fail } from '../contract/fault'
import type { Parameter, Parameters, PromptShape } from '../contract/snapshot'

export type ParameterShapes = ReadonlyMap<string, readonly number[]>
type NamedShapes = readonly (readonly [name: string, shape: readonly number[]])[]

/** Bits of a token index that shared-resnet appends to the conditions: ⌈log₂ P⌉, none for P ≤ 1. */
export const positionBits = (tokens: number): number =>
  tokens <= 1 ? 0 : 32 - Math.clz32(tokens - 1)

/** [P, bits]: column k is bit k of the token index, least significant first. */
export function positionEncoding(tokens: number): Parameter {
  const bits = positionBits(tokens)
  const data = new Float32Array(tokens * bits)
  for (let i = 0; i < data.length; i++) data[i] = (Math.floor(i / bits) >> (i % bits)) & 1
  return { shape: [tokens, bits], data }
}

/** @param stack leading dimensions: [P] where the original has one layer a token */
const linear = (name: string, stack: readonly number[], out: number, into: number): NamedShapes => [
  [`${name}.weight`, [...stack, out, into]],
  [`${name}.bias`, [...stack, out]],
]

const residualLayer = (
  name: string,
  stack: readonly number[],
  r: number,
  w: number,
): NamedShapes => [
  ...linear(`${name}.residual_to_hidden`, stack, w, r),
  ...linear(`${name}.hidden_to_residual`, stack, r, w),
  [`${name}.layer_norm.weight`, [...stack, r]],
  [`${name}.layer_norm.bias`, [...stack, r]],
]

function rows(shape: PromptShape): NamedShapes {
  const { type, tokens: p, width: h } = shape
  if (type === 'direct') return [['embedding', [p, h]]]
  if (type === 'subspace')
    return [
      ['z', [shape.dimensions]],
      [startName, [p, h]],
    ]
  const c = shape.conditions
  if (type === 'linear') return linear('linear', [], p * h, c)
  const w = shape.hiddenWidth
  const layers = Array.from({ length: shape.hiddenLayers }, (_, layer) => layer)
  if (type === 'mlp')
    return [
      ...linear('input_layer.linear', [], p * w, c),
      ...layers.flatMap(layer => linear(`layers.${layer}.linear`, [p], w, w)),
      ...linear('to_embedding', [p], h, w),
    ]
  const r = shape.residualWidth
  const shared = type === 'shared-resnet'
  const stack = shared ? [] : [p]
  const first = shared
    ? linear('to_residual', [], r, c + positionBits(p))
    : linear('to_residual', [], p * r, c)
  const inner = layers.flatMap(layer => residualLayer(`residual_layers.${layer}`, stack, r, w))
  return [...first, ...inner, ...linear('to_embedding', stack, h, r)]
}

/** Every tensor of a prompt, by the engine's name; all are trained but the start rows of a subspace. */
export const parameterShapes = (shape: PromptShape): ParameterShapes => new Map(rows(shape))

/** The start rows of a subspace prompt: kept with it, and never changed. */
export const startName = 'start'

/** The buffer that the original's shared-resnet keeps among its tensors. */
export const positionName = 'position_encoding'

/** Whether training changes a tensor. */
export const isTrained = (shape: PromptShape, name: string): boolean =>
  shape.type !== 'subspace' || name !== startName

/** How many of a tensor's leading dimensions are one layer a token in the original's files. */
function isStacked(shape: PromptShape, name: string): boolean {
  if (shape.type !== 'mlp' && shape.type !== 'resnet') return false
  return /^(to_embedding|layers|residual_layers)\./.test(name)
}

/** `layers.1.linear.weight`, token 4 → `layers.1.4.linear.weight`; `to_embedding.bias` → `to_embedding.4.bias` */
const nameOfToken = (name: string, token: number): string =>
  name.replace(/^(to_embedding|(?:residual_)?layers\.\d+)\./, `$1.${token}.`)

/** Every tensor of the original's state dict that is trained, by the original's name, in its order. */
export function stateDictShapes(shape: PromptShape): ParameterShapes {
  const result = new Map<string, readonly number[]>()
  for (const [name, dims] of parameterShapes(shape)) {
    if (!isStacked(shape, name)) result.set(name, dims)
    else
      for (let token = 0; token < shape.tokens; token++)
        result.set(nameOfToken(name, token), dims.slice(1))
  }
  return result
}

/** The engine's parameters under the original's names, with the buffer that shared-resnet keeps among them. */
export function toStateDict(shape: PromptShape, parameters: Parameters): Parameters {
  const result = new Map<string, Parameter>()
  if (shape.type === 'shared-resnet') result.set(positionName, positionEncoding(shape.tokens))
  for (const [name, dims] of parameterShapes(shape)) {
    const parameter = parameters.get(name)
    if (parameter === undefined) return fail(`parameter ${name} is missing`)
    if (!isStacked(shape, name)) {
      result.set(name, parameter)
      continue
    }
    const inner = dims.slice(1)
    const size = elements(inner)
    for (let token = 0; token < shape.tokens; token++) {
      const data = parameter.data.slice(token * size, (token + 1) * size)
      result.set(nameOfToken(name, token), { shape: inner, data })
    }
  }
  return result
}

function take(tensors: Parameters, name: string, shape: readonly number[]): Float32Array {
  const found = tensors.get(name)
  const wanted = `[${shape.join(', ')}]`
  const fix = 'Choose a snapshot whose metadata and tensors belong together.'
  if (found === undefined)
    throw new Fault('bad-snapshot', `the snapshot has no tensor ${name} ${wanted}`, fix)
  const own = `[${found.shape.join(', ')}]`
  if (own !== wanted)
    throw new Fault('bad-snapshot', `${name} is ${own}, its metadata says ${wanted}`, fix)
  return found.data
}

function joined(parts: readonly Float32Array[], size: number): Float32Array {
  const result = new Float32Array(parts.length * size)
  for (const [i, part] of parts.entries()) result.set(part, i * size)
  return result
}

/**
 * The reverse of `toStateDict`; other tensors are ignored.
 * Fault `bad-snapshot`: one is missing or of another shape than `shape` says.
 */
export function fromStateDict(shape: PromptShape, tensors: Parameters): Parameters {
  const result = new Map<string, Parameter>()
  for (const [name, dims] of parameterShapes(shape)) {
    if (!isStacked(shape, name)) {
      result.set(name, { shape: dims, data: take(tensors, name, dims) })
      continue
    }
    const inner = dims.slice(1)
    const parts: Float32Array[] = []
    for (let token = 0; token < shape.tokens; token++)
      parts.push(take(tensors, nameOfToken(name, token), inner))
    result.set(name, { shape: dims, data: joined(parts, elements(inner)) })
  }
  return result
}
