// From the names in the files to those that the model asks for, and what the files hold beside them.
import { Fault } from '../contract/fault'
import type { ModelConfig, TensorEntry } from '../contract/model'
import { expectedTensors, familyOf } from '../model/family'
import type { Headers } from './safetensors'

/** Buffers that older versions of transformers saved: they follow from config.json. */
const buffers =
  /(^|\.)(rotary_emb\.(inv_freq|cos_cached|sin_cached)|attn\.(bias|masked_bias)|attention\.(bias|masked_bias)|embed_positions\.inv_freq)$/

/** A tensor's name in full: a folder of a base model leaves the prefix out, one of a larger model puts more before it. */
function fullName(name: string, config: ModelConfig): string {
  const { prefix, head, wrappers = [] } = familyOf(config)
  const wrapper = wrappers.find(each => name.startsWith(each))
  const inner = wrapper === undefined ? name : prefix + name.slice(wrapper.length)
  const ofHead = head.replace(/weight$/, '')
  const bare = inner.startsWith(`${prefix}${ofHead}`) ? inner.slice(prefix.length) : inner
  return bare.startsWith(prefix) || bare.startsWith(ofHead) ? bare : prefix + bare
}

export interface NamedTensors {
  /** by the names that the model asks for */
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly unsupported: ReadonlyMap<string, string>
}

/** The files' tensors under full names. Buffers, and parts of a larger model, keep no name. */
export function withFullNames(header: Headers, config: ModelConfig): NamedTensors {
  const wrapped = (familyOf(config).wrappers ?? []).some(each =>
    [...header.tensors.keys()].some(name => name.startsWith(each)),
  )
  const others = /^(model\.)?(vision_tower|multi_modal_projector|vision_model|audio_tower)\./
  const kept = <T>(map: ReadonlyMap<string, T>): Map<string, T> =>
    new Map(
      [...map].flatMap(([name, value]) =>
        buffers.test(name) || (wrapped && others.test(name))
          ? []
          : [[fullName(name, config), value]],
      ),
    )
  return { tensors: kept(header.tensors), unsupported: kept(header.unsupported) }
}

export interface Matched {
  readonly config: ModelConfig
  readonly notes: readonly string[]
}

/**
 * Which tensor is the head. As transformers 5: a head in the file counts, whatever tie_word_embeddings says; a file
 * that holds the head alone holds the embedding too.
 */
export function withHead(config: ModelConfig, { tensors }: NamedTensors): Matched {
  const { head } = familyOf(config)
  if (!config.tiedHead || !tensors.has(head)) return { config, notes: [] }
  if (!tensors.has(config.embedding))
    return { config: { ...config, embedding: head, head }, notes: [] }
  const same = sameBytes(tensors.get(head)!, tensors.get(config.embedding)!)
  if (same) return { config, notes: [] }
  const note = `config.json ties the head to the embeddings, but the files hold ${head}: it is used, as in transformers 5.`
  return { config: { ...config, head, tiedHead: false }, notes: [note] }
}

const sameBytes = (a: TensorEntry, b: TensorEntry): boolean =>
  a.file === b.file && a.offset === b.offset

const floatTypes: readonly string[] = ['F32', 'F16', 'BF16', 'F64']

/** Only what the model needs, each of the right shape and a type that we can run. Fault 'bad-weights'. */
export function neededTensors(
  path: string,
  config: ModelConfig,
  named: NamedTensors,
): Map<string, TensorEntry> {
  const refuse = (what: string, fix: string): Fault =>
    new Fault('bad-weights', `${path}: ${what}`, fix)
  const needed = new Map<string, TensorEntry>()
  for (const [name, shape] of expectedTensors(config)) {
    const entry = named.tensors.get(name)
    const dtype = entry?.dtype ?? named.unsupported.get(name)
    if (dtype === undefined)
      throw refuse(
        `tensor ${name} [${shape.join(', ')}] is missing`,
        'Download the model folder again.',
      )
    if (entry === undefined || !floatTypes.includes(dtype))
      throw refuse(`tensor ${name} has the type ${dtype}`, 'Take a model in F32, F16 or BF16.')
    if (entry.shape.join() !== shape.join()) {
      const both = `[${entry.shape.join(', ')}] in the file, [${shape.join(', ')}] by config.json`
      throw refuse(`${name} is ${both}`, 'Download the model folder again, or correct config.json.')
    }
    needed.set(name, entry)
  }
  return needed
}

/** What lies in the files and is not used: as transformers, which warns too. */
export function unplacedNote(
  needed: ReadonlyMap<string, TensorEntry>,
  { tensors, unsupported }: NamedTensors,
): readonly string[] {
  const more = [...tensors.keys(), ...unsupported.keys()].filter(name => !needed.has(name)).sort()
  if (more.length === 0) return []
  const some = more.slice(0, 3).join(', ')
  const end = more.length > 3 ? ' …' : ''
  const count = more.length === 1 ? '1 tensor' : `${more.length} tensors`
  return [
    `${count} of the files (${some}${end}) have no place in this model and are left out, as in transformers.`,
  ]
}
