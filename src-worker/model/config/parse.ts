// config.json → ModelConfig. What we cannot run is refused by name, never guessed.

import { Fault } from '../../contract/fault'
import type { ModelConfig } from '../../contract/model'
import { isPlain, type Plain as Json } from '../../shared/plain-object'
import { families, isSupportedType } from '../family'
import { configReader } from './reader'
import { refuseUnread } from './unread'
import { unsupportedKind } from './unsupported'

const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const ids = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value]).filter(isId)

export interface ParsedConfig {
  readonly config: ModelConfig
  readonly notes: readonly string[]
}

/** @param generation generation_config.json, for the ids that end a text; {} when there is none */
export function parseConfig(json: Json, generation: Json, path: string): ParsedConfig {
  const refused = unsupportedKind(json)
  if (refused !== undefined) throw new Fault('bad-model', `${path}: ${refused.what}`, refused.fix)
  const type = json.model_type
  if (!isSupportedType(type)) {
    const names = JSON.stringify(json.architectures ?? 'unknown')
    const what = `architecture ${JSON.stringify(type ?? 'unknown')} (${names}) is not supported`
    throw new Fault('bad-model', `${path}: ${what}`, `Choose a model of one of these: ${known()}.`)
  }
  const family = families[type]!
  // the text model of a multimodal one
  const inner = isPlain(json.text_config) ? json.text_config : undefined
  const source = renamed(inner === undefined ? json : merged(json, inner), family.aliases ?? {})
  const get = configReader(source, family.defaults, path, inner === undefined ? '' : 'text_config.')
  const read = family.read(get)
  refuseUnread(source, get.read, get, family.name)
  // as transformers' generation does: its own file where that names any, else config.json; never the family's defaults
  const own = ids(generation.eos_token_id)
  const eos = own.length > 0 ? own : ids(source.eos_token_id)
  const config: ModelConfig = {
    family: family.name,
    ...read,
    head: read.tiedHead ? read.embedding : family.head,
    bosTokenId: ids(source.bos_token_id)[0] ?? ids(generation.bos_token_id)[0],
    eosTokenIds: [...new Set(eos)],
  }
  return { config, notes: get.notes }
}

/** Of a multimodal model: the text model's settings; the head is tied as the whole model says. */
const merged = (json: Json, inner: Json): Json => ({
  ...json,
  ...inner,
  ...(json.tie_word_embeddings !== undefined && { tie_word_embeddings: json.tie_word_embeddings }),
})

/** Under a family's own names; where both stand, the other name counts, as in transformers. */
function renamed(json: Json, aliases: Readonly<Record<string, string>>): Json {
  const said = Object.entries(aliases).filter(([alias]) => (json[alias] ?? undefined) !== undefined)
  return { ...json, ...Object.fromEntries(said.map(([alias, name]) => [name, json[alias]])) }
}

/** The families by name, as a sentence needs them. */
export const known = (): string =>
  [...new Set(Object.values(families).map(family => family.name))].join(', ')
