// A tokenizer with more ids than the model has embedding rows: opened, told, and refused only for texts that need them.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tokenizerNote, withinRows } from '../../src-worker/dataset/model-tokenizer'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { changed } from '../weights/changed-model'

async function withAdded(token: string, id: number): Promise<string> {
  const folder = await changed('tiny-llama', {})
  const path = join(folder, 'tokenizer.json')
  const json = JSON.parse(await readFile(path, 'utf8'))
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false }
  json.added_tokens.push({ id, content: token, ...flags, special: false })
  await writeFile(path, JSON.stringify(json))
  return folder
}

test('an added token beyond the rows', async () => {
  const folder = await openModelFolder(await withAdded('<tool>', 600))
  const tokenizer = withinRows(folder, await openTokenizer(folder.path))
  expect(tokenizer.vocabularySize).toBe(601)
  expect(tokenizerNote(folder, tokenizer)).toBe(
    "The tokenizer has 1 id beyond the model's 600 embedding rows: texts with these tokens are refused.",
  )
  expect((await tokenizer.encode('a ship')).every(id => id < 600)).toBe(true)
  const words = 'the text holds the token "<tool>" (id 600)'
  await expect(tokenizer.encode('a <tool> ship')).rejects.toThrow(words)
  await expect(tokenizer.encodeBatch(['a', 'b <tool>'])).rejects.toThrow(words)
})

test('a tokenizer that fits has no note', async () => {
  const folder = await openModelFolder(await changed('tiny-llama', {}))
  expect(
    tokenizerNote(folder, withinRows(folder, await openTokenizer(folder.path))),
  ).toBeUndefined()
})
