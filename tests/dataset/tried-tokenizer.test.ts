import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTriedTokenizer } from '../../src-worker/dataset/tried-tokenizer'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

test('the same content is opened once for all runs of a thread, another content anew', async () => {
  const home = temporaryFolder()
  const [a, b] = [join(home, 'a'), join(home, 'b')]
  for (const folder of [a, b]) {
    mkdirSync(folder)
    copyFileSync(
      join(referencePath('models/tiny-llama'), 'tokenizer.json'),
      join(folder, 'tokenizer.json'),
    )
  }
  const first = await openTriedTokenizer(a, home)
  expect(await openTriedTokenizer(b, home)).toBe(first)
  const json = JSON.parse(readFileSync(join(b, 'tokenizer.json'), 'utf8'))
  json.added_tokens.push({
    // the library numbers an added token after the vocabulary, of 600
    ...{ id: 600, content: '<new>', special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  })
  writeFileSync(join(b, 'tokenizer.json'), JSON.stringify(json))
  const changed = await openTriedTokenizer(b, home)
  expect(changed.idOf('<new>')).toBe(600)
  expect(first.idOf('<new>')).toBeUndefined()
})
