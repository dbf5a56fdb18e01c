import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openTokenizer, type Tokenizer } from '../../src-worker/dataset/tokenizer'
import { referencePath } from '../reference-path'

const names = [
  'tiny-neox',
  'tiny-neox-serial',
  'tiny-llama',
  'tiny-llama-tied',
  'tokenizers/gpt-neox-20b',
]

async function streamed(tokenizer: Tokenizer, ids: readonly number[], skipSpecial: boolean) {
  const decoder = tokenizer.streamDecoder({ skipSpecial })
  const parts: string[] = []
  for (const id of ids) parts.push(await decoder.push(id))
  parts.push(await decoder.flush())
  return parts
}

describe.each(names)('%s', name => {
  test('texts decoded id by id equal texts decoded whole', async () => {
    const tokenizer = await openTokenizer(referencePath('models', name))
    const { strings } = JSON.parse(
      await readFile(referencePath('reference/tokenization/strings.json'), 'utf8'),
    )
    for (const text of strings as string[]) {
      const ids = await tokenizer.encode(text)
      for (const skipSpecial of [false, true]) {
        const whole = await tokenizer.decode(ids, { skipSpecial })
        expect((await streamed(tokenizer, ids, skipSpecial)).join('')).toBe(whole)
      }
    }
  })

  test('no part of a text holds half a character', async () => {
    const tokenizer = await openTokenizer(referencePath('models', name))
    const ids = await tokenizer.encode('漢字 and 😀😀 é')
    for (const part of await streamed(tokenizer, ids, true)) expect(part).not.toContain('\ufffd')
  })
})

test('broken bytes do not hold the text back for ever', async () => {
  const tokenizer = await openTokenizer(referencePath('models/tiny-llama'))
  const parts = await streamed(tokenizer, Array(20).fill(233), false)
  expect(parts.slice(0, 10).join('').length).toBeGreaterThan(0)
})

test('special tokens are known, and left out when asked', async () => {
  const llama = await openTokenizer(referencePath('models/tiny-llama'))
  expect(llama).toMatchObject({ vocabularySize: 600, bosTokenId: 1, eosTokenId: 2 })
  expect(llama.specialTokens).toMatchObject({ bos_token: '<s>', eos_token: '</s>' })
  const [withStart, without] = [
    await llama.encode('a'),
    await llama.encode('a', { special: false }),
  ]
  expect(withStart).toEqual([1, ...without])
  expect(llama.idOf('</s>')).toBe(2)
  expect(llama.idOf('no such token')).toBeUndefined()
  expect(await llama.encodeBatch([])).toEqual([])
})

test('truncation and padding that were saved in the file are turned off', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spw-tokenizer-'))
  const source = JSON.parse(
    await readFile(referencePath('models/tiny-neox/tokenizer.json'), 'utf8'),
  )
  source.truncation = { direction: 'Right', max_length: 4, strategy: 'LongestFirst', stride: 0 }
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(source))
  const tokenizer = await openTokenizer(folder)
  const plain = await openTokenizer(referencePath('models/tiny-neox'))
  const text = 'a text of rather more than four tokens'
  expect(await tokenizer.encode(text)).toEqual(await plain.encode(text))
})

test('faults say what is wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spw-tokenizer-'))
  const other = await mkdtemp(join(tmpdir(), 'spw-tokenizer-'))
  await expect(openTokenizer(folder)).rejects.toMatchObject({
    code: 'bad-tokenizer',
    message: `no tokenizer.json in ${folder}`,
  })
  await writeFile(join(folder, 'tokenizer.json'), '{"model": 3}')
  await expect(openTokenizer(folder)).rejects.toThrow(/tokenizer\.json is no tokenizer: /)
  await copyFile(referencePath('models/tiny-neox/tokenizer.json'), join(other, 'tokenizer.json'))
  await writeFile(join(other, 'tokenizer_config.json'), 'oh no')
  await expect(openTokenizer(other)).rejects.toThrow(/tokenizer_config\.json is not JSON/)
})
