// tokenizer.json of a model folder, by Hugging Face's own native library: ids equal those of Python, bit for bit.
// tokenizer.json alone is the truth; tokenizer_config.json only gives the names of the special tokens.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as NativeTokenizer } from 'tokenizers'
import { asFault, Fault } from '../contract/fault'

export interface EncodeOptions {
  /** add what the tokenizer's post-processor adds (Llama: `<s>` first); default true */
  readonly special?: boolean
}

export interface DecodeOptions {
  /** leave out special tokens; default false */
  readonly skipSpecial?: boolean
}

/** Turns ids that arrive one by one into text; an incomplete character is held back. */
export interface StreamDecoder {
  /** text that became complete with this id; may be empty */
  push(id: number): Promise<string>
  /** what was held back, with U+FFFD for broken characters */
  flush(): Promise<string>
}

export interface Tokenizer {
  /** largest id + 1, added tokens included */
  readonly vocabularySize: number
  readonly bosTokenId: number | undefined
  readonly eosTokenId: number | undefined
  /** `bos_token` → `<s>` …, for chat templates */
  readonly specialTokens: Readonly<Record<string, string>>
  /** what the post-processor puts before a text, and behind it */
  readonly affixes: { readonly lead: readonly number[]; readonly tail: readonly number[] }
  /** an added token that tokenizer.json calls special: start and end marks, headers of turns */
  isSpecial(id: number): boolean
  encode(text: string, options?: EncodeOptions): Promise<number[]>
  /** where each token of `encode` ends in the text, in code points; 0: it is none of the text's */
  ends(text: string, options?: EncodeOptions): Promise<readonly number[]>
  encodeBatch(texts: readonly string[], options?: EncodeOptions): Promise<number[][]>
  decode(ids: readonly number[], options?: DecodeOptions): Promise<string>
  /** id of one token as it is written in tokenizer.json */
  idOf(token: string): number | undefined
  streamDecoder(options?: DecodeOptions): StreamDecoder
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw asFault(error, path)
  })
}

interface Loaded {
  readonly native: NativeTokenizer
  readonly special: ReadonlySet<number>
}

/** Ids of tokenizer.json's added tokens that are special. */
function specialIds(text: string): ReadonlySet<number> {
  const { added_tokens: added = [] } = JSON.parse(text) as {
    added_tokens?: readonly { id: number; special?: boolean }[]
  }
  return new Set(added.filter(token => token.special === true).map(({ id }) => id))
}

async function load(folder: string): Promise<Loaded> {
  const path = join(folder, 'tokenizer.json')
  const text = await readText(path)
  if (text === undefined) {
    const fix =
      'Download it, or make it with transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…).'
    throw new Fault('bad-tokenizer', `no tokenizer.json in ${folder}`, fix)
  }
  try {
    const native = NativeTokenizer.fromString(text)
    // some files were saved with the settings of their last call
    native.disableTruncation()
    native.disablePadding()
    return { native, special: specialIds(text) }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Fault(
      'bad-tokenizer',
      `${path} is no tokenizer: ${why}`,
      'Download this file again.',
      { cause },
    )
  }
}

/** Largest id + 1. The count of tokens, unless ids have holes. */
function sizeOf(native: NativeTokenizer): number {
  const count = native.getVocabSize(true)
  if (native.idToToken(count - 1) !== null && native.idToToken(count) === null) return count
  return Object.values(native.getVocab(true)).reduce((most, id) => Math.max(most, id + 1), 0)
}

/** Fields like `"eos_token": "</s>"` or `{ "content": "</s>", … }` of a configuration file. */
function specialTokens(text: string | undefined, path: string): Record<string, string> {
  if (text === undefined) return {}
  const found: Record<string, string> = {}
  try {
    for (const [key, value] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
      if (!key.endsWith('_token')) continue
      const content = typeof value === 'string' ? value : (value as { content?: unknown })?.content
      if (typeof content === 'string') found[key] = content
    }
  } catch (cause) {
    throw new Fault('bad-file', `${path} is not JSON`, 'Download this file again.', { cause })
  }
  return found
}

async function readSpecialTokens(folder: string): Promise<Record<string, string>> {
  const [map, config] = [
    join(folder, 'special_tokens_map.json'),
    join(folder, 'tokenizer_config.json'),
  ]
  return {
    ...specialTokens(await readText(map), map),
    ...specialTokens(await readText(config), config),
  }
}

/** An unfinished character decodes to U+FFFD; one has at most 4 bytes, so longer waits mean broken text. */
const longestWait = 8

/**
 * Decodes a window that starts at the last emission, with and without its fresh ids: the difference is new text.
 * The window keeps what a decoder needs to know of the left (Llama strips the first space of a text only).
 */
function streamDecoder(decode: (ids: readonly number[]) => Promise<string>): StreamDecoder {
  let settled: number[] = []
  let fresh: number[] = []
  const take = async (force: boolean): Promise<string> => {
    const before = await decode(settled)
    const after = await decode([...settled, ...fresh])
    if (after.length <= before.length && !force) return ''
    if (after.endsWith('\ufffd') && !force && fresh.length < longestWait) return ''
    // ids that decode to nothing must not become the whole of the window: the next text would count as the first
    settled = after.length > before.length ? fresh : [...settled, ...fresh]
    fresh = []
    return after.slice(before.length)
  }
  return {
    push: id => {
      fresh.push(id)
      return take(false)
    },
    flush: () => (fresh.length === 0 ? Promise.resolve('') : take(true)),
  }
}

/** What is added around a text, read off one that has none of it. */
async function affixesOf(native: NativeTokenizer): Promise<Tokenizer['affixes']> {
  const idsOf = async (addSpecialTokens: boolean) =>
    (await native.encode('a', null, { addSpecialTokens })).getIds()
  const [plain, whole] = [await idsOf(false), await idsOf(true)]
  const begins = (at: number): boolean => plain.every((id, i) => whole[at + i] === id)
  const at = whole.findIndex((_, i) => begins(i))
  return { lead: whole.slice(0, at), tail: whole.slice(at + plain.length) }
}

/**
 * Opens `tokenizer.json` in a model folder.
 * Faults: bad-tokenizer (missing, or no tokenizer), bad-file (tokenizer_config.json is no JSON).
 */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const { native, special: specials } = await load(folder)
  const special = await readSpecialTokens(folder)
  const idOf = (token: string | undefined): number | undefined =>
    token === undefined ? undefined : (native.tokenToId(token) ?? undefined)
  const encoded = (text: string, { special = true }: EncodeOptions) =>
    native.encode(text, null, { addSpecialTokens: special })
  const decode = (ids: readonly number[], options: DecodeOptions = {}): Promise<string> =>
    native.decode([...ids], options.skipSpecial ?? false)
  return {
    vocabularySize: sizeOf(native),
    bosTokenId: idOf(special.bos_token),
    eosTokenId: idOf(special.eos_token),
    specialTokens: special,
    affixes: await affixesOf(native),
    isSpecial: id => specials.has(id),
    encode: async (text, options = {}) => (await encoded(text, options)).getIds(),
    ends: async (text, options = {}) =>
      (await encoded(text, options)).getOffsets().map(([, end = 0]) => end),
    encodeBatch: async (texts, options = {}) => {
      if (texts.length === 0) return []
      const adding = { addSpecialTokens: options.special ?? true }
      const encodings = await native.encodeBatch([...texts], adding)
      return encodings.map(encoding => encoding.getIds())
    },
    decode,
    idOf,
    streamDecoder: options => streamDecoder(ids => decode(ids, options)),
  }
}
