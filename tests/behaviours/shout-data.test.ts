// resources/data/shout.jsonl is what resources/README.md says: made of the bundled books, and of nothing else.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documents } from '../../src-worker/dataset/documents'

const data = join(import.meta.dirname, '../../resources/data')

test('40 characters of each passage, and the next 40 in capitals', async () => {
  const made: string[] = []
  for await (const { text } of documents(join(data, 'demo_text_sample.jsonl.zst'), 'text', {})) {
    const plain = text.replace(/\s+/g, ' ').trim()
    if (plain.length < 160) continue
    const pair = { prompt: plain.slice(0, 40), completion: plain.slice(40, 80).toUpperCase() }
    if (made.push(JSON.stringify(pair)) === 1000) break
  }
  expect(readFileSync(join(data, 'shout.jsonl'), 'utf8').trim().split('\n')).toEqual(made)
})
