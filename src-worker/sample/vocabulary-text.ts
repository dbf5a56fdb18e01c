// What each token of a vocabulary writes when it stands inside a text.
import { fail } from '../contract/fault'
import type { Tokenizer } from '../dataset/tokenizer'

const group = 1024
// a table of 50,000 texts takes half a second: it is made once for each open tokenizer
const known = new WeakMap<Tokenizer, Promise<readonly string[]>>()

/**
 * Text of every id, as it adds to a text that is there already (some tokenizers strip the first space of a text).
 * Parts of a character are U+FFFD; special tokens write their names.
 */
export function vocabularyTexts(tokenizer: Tokenizer): Promise<readonly string[]> {
  const made = known.get(tokenizer) ?? decodedOneByOne(tokenizer)
  known.set(tokenizer, made)
  return made
}

async function decodedOneByOne(tokenizer: Tokenizer): Promise<readonly string[]> {
  const anchor =
    (await tokenizer.encode('e4', { special: false })).at(-1) ?? fail('no token for e4')
  const before = await tokenizer.decode([anchor])
  const texts: string[] = []
  for (let from = 0; from < tokenizer.vocabularySize; from += group) {
    const count = Math.min(group, tokenizer.vocabularySize - from)
    const ids = Array.from({ length: count }, (_, i) => from + i)
    const decoded = await Promise.all(ids.map(id => tokenizer.decode([anchor, id])))
    for (const text of decoded) texts.push(text.slice(before.length))
  }
  return texts
}
