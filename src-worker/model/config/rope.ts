// Rope from config.json as transformers 5 reads it: `rope_parameters` of version 5, `rope_scaling`, `rope_theta` and
// `partial_rotary_factor` of version 4. Where both stand, rope_scaling wins whole, as there.

import type { Rope, RopeScaling } from '../../contract/model'
import { isPlain, type Plain as Json } from '../../shared/plain-object'
import { type ConfigReader, configReader } from './reader'

export interface RopeDefaults {
  readonly headDim: number
  readonly maxPositions: number
  readonly theta?: number
  /** of families that rotate only a part of each head; others ignore the key */
  readonly partial?: number
  readonly interleaved?: boolean
  /** of families that rotate one value more where the part of each head is odd (transformers' others fail) */
  readonly roundsUp?: boolean
  /** keys of an older name */
  readonly thetaKey?: string
  readonly partialKey?: string
  /** names of rope types that mean another */
  readonly renamed?: Readonly<Record<string, string>>
}

/** The one rope of a model; undefined when nothing is rotated. */
export function ropeOf(get: ConfigReader, defaults: RopeDefaults): Rope | undefined {
  const parameters = get.raw('rope_parameters')
  const scaling = get.raw('rope_scaling')
  if (isPlain(parameters) && Object.values(parameters).some(isPlain)) {
    const what = `rope_parameters has one entry for each kind of layer (${Object.keys(parameters)})`
    throw get.refuse(what, 'Take the config.json of a model whose layers share one rope.')
  }
  const scaled = isPlain(scaling) && Object.keys(scaling).length > 0
  if (scaled && isPlain(parameters) && JSON.stringify(scaling) !== JSON.stringify(parameters))
    get.note(
      'config.json has rope_scaling and rope_parameters: rope_scaling counts, as in transformers 5.',
    )
  const own: Json = scaled ? scaling : isPlain(parameters) ? parameters : {}
  const { thetaKey = 'rope_theta', partialKey = 'partial_rotary_factor' } = defaults
  const theta = named(get, thetaKey, 'rope_theta') ?? defaults.theta ?? 10000
  const share = defaults.partial && named(get, partialKey, 'partial_rotary_factor')
  const original = get.raw('original_max_position_embeddings') ?? undefined
  const merged = {
    rope_theta: theta,
    ...(defaults.partial !== undefined && { partial_rotary_factor: share ?? defaults.partial }),
    ...defined(own),
    ...(original !== undefined && { original_max_position_embeddings: original }),
  }
  return ropeFrom(merged, get, defaults)
}

/** The value of a key. Where a family has a name of its own, the usual one does not count: a note says so. */
function named(get: ConfigReader, key: string, usual: string): unknown {
  const [value, other] = [get.raw(key) ?? undefined, get.raw(usual) ?? undefined]
  if (key !== usual && other !== undefined && other !== value)
    get.note(`${usual} is ${other} in config.json: ${key} counts, as in transformers 5.`)
  return value
}

export interface LayeredRopes {
  readonly full: Rope
  readonly sliding: Rope
}

/** Ropes of windowed and of full layers; the older layout's rope_theta and rope_scaling are for full layers only. */
export function layeredRopes(
  get: ConfigReader,
  defaults: RopeDefaults,
  local: { readonly theta: number; readonly key?: string },
): LayeredRopes {
  const parameters = get.raw('rope_parameters')
  const scaling = get.raw('rope_scaling')
  const of = (kind: string): Json => {
    // so that of rope_scaling, where it stands alone, only rope_type counts, not the older `type`
    const found = isPlain(parameters) ? parameters[kind] : { rope_type: 'default' }
    return isPlain(found) ? defined(found) : {}
  }
  const scaled = isPlain(scaling) ? defined(scaling) : {}
  if ('type' in scaled && !('rope_type' in scaled) && !isPlain(parameters))
    get.note(
      `rope_scaling has type ${JSON.stringify(scaled.type)} and no rope_type: it scales nothing, as in transformers 5.`,
    )
  if (isPlain(scaling) && isPlain(parameters))
    get.note(
      'config.json has rope_scaling and rope_parameters: both count for full layers, rope_scaling first, as in transformers 5.',
    )
  const theta = get.raw('rope_theta') ?? defaults.theta
  const near = (local.key === undefined ? undefined : get.raw(local.key)) ?? local.theta
  // transformers looks for `truncate` where this layout never has it
  const full = { rope_theta: theta, ...of('full_attention'), ...scaled, truncate: true }
  const sliding = { rope_theta: near, ...of('sliding_attention'), truncate: true }
  const rope = (merged: Json): Rope => {
    const found = ropeFrom(merged, get, defaults)
    if (found === undefined) throw get.refuse('a rope of no values')
    return found
  }
  return { full: rope(full), sliding: rope(sliding) }
}

const defined = (from: Json): Json =>
  Object.fromEntries(
    Object.entries(from).filter(([, value]) => value !== null && value !== undefined),
  )

/** Kinds that scale one frequency at a time. */
const steadyKinds: readonly string[] = ['default', 'linear', 'llama3']

function ropeFrom(merged: Json, outer: ConfigReader, defaults: RopeDefaults): Rope | undefined {
  const get = configReader(merged, { partial_rotary_factor: 1 }, outer.path)
  const { headDim, maxPositions, interleaved = false } = defaults
  const theta = get.number('rope_theta')
  if (!(theta > 0)) throw get.refuse(`rope_theta is ${theta}, not above 0`)
  const share = defaults.partial === undefined ? 1 : get.number('partial_rotary_factor')
  const said = merged.rope_type ?? merged.type ?? 'default'
  const kind = String(defaults.renamed?.[String(said)] ?? said)
  const part = Math.floor(headDim * share)
  if (part === 0) return undefined
  const odd = part % 2 !== 0 && defaults.roundsUp === true && steadyKinds.includes(kind)
  const rotaryDim = odd ? part + 1 : part
  if (rotaryDim % 2 !== 0 || rotaryDim < 0 || rotaryDim > headDim)
    throw get.refuse(
      `the rotated part of a head, ${share} of ${headDim} values, is ${part}, no even part`,
    )
  const unused = merged.partial_rotary_factor ?? 1
  if (defaults.partial === undefined && kind !== 'default' && unused !== 1)
    throw get.refuse(
      `partial_rotary_factor is ${unused}, which models of this family do not have`,
      'Choose a model that follows its family.',
    )
  return {
    theta,
    rotaryDim,
    ...(odd && { oddDim: part }),
    interleaved,
    scaling: scalingOf(kind, get, rotaryDim, maxPositions),
  }
}

const kinds = ['default', 'linear', 'dynamic', 'llama3', 'yarn', 'longrope']

function scalingOf(kind: string, get: ConfigReader, rotaryDim: number, max: number): RopeScaling {
  const positive = (name: string): number => {
    const value = get.number(name)
    if (value > 0) return value
    throw get.refuse(`${name} of the rope is ${value}, not above 0`)
  }
  const original = get.optionalCount('original_max_position_embeddings') ?? max
  switch (kind) {
    case 'default':
      return { kind }
    case 'linear':
      return { kind, factor: positive('factor') }
    case 'dynamic':
      return { kind, factor: positive('factor'), maxPositions: max }
    case 'llama3':
      return llama3(get, positive, original)
    case 'yarn':
      return yarn(get, original, max)
    case 'longrope':
      return longrope(get, rotaryDim, original, max)
  }
  const what = `the rope type "${kind}" is not supported (${kinds.join(', ')} are)`
  throw get.refuse(what, 'Choose a model with one of these rope types.')
}

function llama3(
  get: ConfigReader,
  positive: (name: string) => number,
  originalMaxPositions: number,
): RopeScaling {
  const [low, high] = [positive('low_freq_factor'), positive('high_freq_factor')]
  if (low === high) throw get.refuse('low_freq_factor equals high_freq_factor')
  const factor = positive('factor')
  return {
    kind: 'llama3',
    factor,
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
    originalMaxPositions,
  }
}

/** 0.1·m·ln s + 1 (Peng et al. 2023, eq. 22). */
const mscale = (factor: number, m = 1): number => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1)

function yarn(get: ConfigReader, originalMaxPositions: number, max: number): RopeScaling {
  const factor = get.optionalNumber('factor') ?? max / originalMaxPositions
  const [m, all] = [get.optionalNumber('mscale'), get.optionalNumber('mscale_all_dim')]
  const inferred = m && all ? mscale(factor, m) / mscale(factor, all) : mscale(factor)
  return {
    kind: 'yarn',
    factor,
    attentionFactor: get.optionalNumber('attention_factor') ?? inferred,
    betaFast: get.optionalNumber('beta_fast') || 32,
    betaSlow: get.optionalNumber('beta_slow') || 1,
    originalMaxPositions,
    truncate: get.raw('truncate') === undefined ? true : get.flag('truncate'),
  }
}

function longrope(
  get: ConfigReader,
  rotaryDim: number,
  originalMaxPositions: number,
  max: number,
): RopeScaling {
  const factors = (name: string): readonly number[] => {
    const value = get.raw(name)
    const good = Array.isArray(value) && value.every(x => typeof x === 'number' && x > 0)
    if (good && value.length === rotaryDim / 2) return value
    throw get.refuse(`${name} of the rope is no list of ${rotaryDim / 2} numbers above 0`)
  }
  const factor = get.optionalNumber('factor') ?? max / originalMaxPositions
  const inferred =
    factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalMaxPositions))
  return {
    kind: 'longrope',
    shortFactor: factors('short_factor'),
    longFactor: factors('long_factor'),
    attentionFactor: get.optionalNumber('attention_factor') ?? inferred,
    originalMaxPositions,
  }
}
