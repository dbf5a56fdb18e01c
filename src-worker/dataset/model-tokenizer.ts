// A model with its tokenizer. Ids beyond the model's embedding rows belong to tokens that were added and never trained:
// the model opens, as in transformers, and only a text that holds such a token is refused.
import { Fault } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { Tokenizer } from './tokenizer'

/** One sentence for a person; undefined: every id has its row. */
export function tokenizerNote(
  { config }: ModelFolder,
  { vocabularySize: ids }: Pick<Tokenizer, 'vocabularySize'>,
): string | undefined {
  const { vocabularySize: rows } = config
  if (ids <= rows) return undefined
  const many = ids - rows === 1 ? '1 id' : `${ids - rows} ids`
  return `The tokenizer has ${many} beyond the model's ${rows} embedding rows: texts with these tokens are refused.`
}

/** The tokenizer, whose encodings are a fault 'bad-tokenizer' for a text with an id beyond the embedding rows. */
export function withinRows(folder: ModelFolder, tokenizer: Tokenizer): Tokenizer {
  if (tokenizerNote(folder, tokenizer) === undefined) return tokenizer
  const rows = folder.config.vocabularySize
  const refuseBeyond = async (ids: number[]): Promise<number[]> => {
    const beyond = ids.find(id => id >= rows)
    if (beyond === undefined) return ids
    const text = await tokenizer.decode([beyond])
    throw new Fault(
      'bad-tokenizer',
      `the text holds the token "${text}" (id ${beyond}), but ${folder.id} has only ${rows} embedding rows`,
      'Leave this token out of the text, or take the tokenizer.json that belongs to this model.',
    )
  }
  return {
    ...tokenizer,
    encode: async (text, options) => refuseBeyond(await tokenizer.encode(text, options)),
    encodeBatch: async (texts, options) =>
      Promise.all((await tokenizer.encodeBatch(texts, options)).map(refuseBeyond)),
  }
}
