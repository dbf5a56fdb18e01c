// A checkpoint of an earlier version goes on with the batches that would have followed then: its cursor, and a hash of
// the six batches behind it, are kept in tests/reference/pinned/cursors.json. SPW_WRITE_CURSORS=1 writes the file anew:
// only where runs are meant to go on otherwise.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { behaviourOf } from '../../src-worker/behaviours/registry'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { openRun } from '../../src-worker/stream/open'
import type { StreamItem } from '../../src-worker/stream/source'
import { contextOf } from '../behaviours/spec'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

const pinnedFile = referencePath('reference/pinned/cursors.json')

interface Kept {
  readonly name: string
  readonly cursor: StreamItem['cursor']
  readonly next: string
}

/** Texts of 20 to 400 characters, their own number in each. */
const texts = Array.from(
  { length: 70 },
  (_, i) => `${i}: ${'the quick brown fox jumps over it. '.repeat(1 + ((i * 7) % 12))}`,
)

const specs: Readonly<Record<string, RunSpecInput>> = {
  'lanes that go on': { experiment: { kind: 'autoregressive' }, start: { kind: 'random' } },
  'another seed, skip 2': { experiment: { kind: 'skip-tokens', skip: 2 }, seed: 9 },
  'own texts, fresh lanes': { experiment: { kind: 'custom' }, data: { path: '', holdout: 0.2 } },
}

async function open(name: string) {
  const path = join(temporaryFolder(), 'texts.jsonl')
  writeFileSync(path, texts.map(text => JSON.stringify({ text })).join('\n'))
  const training = { steps: 8, lanes: 4, accumulation: 2, length: 24 }
  const data = { holdout: 0.2, path }
  const context = await contextOf({ ...specs[name], training, data })
  return openRun(behaviourOf(context.spec.experiment.kind), context)
}

const digest = (items: readonly StreamItem[]): string => {
  const hash = createHash('sha256')
  for (const { batch, documentOf } of items)
    for (const part of [batch.slots, batch.rows, batch.labels, documentOf]) hash.update(`${part};`)
  return hash.digest('hex')
}

async function nextSix(name: string, cursor?: StreamItem['cursor']): Promise<StreamItem[]> {
  const run = await open(name)
  const stream = run.train(cursor)
  const items: StreamItem[] = []
  for (let i = 0; i < 6; i++) items.push(await stream.next())
  await run.close()
  return items
}

async function write(): Promise<void> {
  const kept: Kept[] = []
  for (const name of Object.keys(specs)) {
    const { cursor } = (await nextSix(name)).at(-1)!
    kept.push({ name, cursor, next: digest(await nextSix(name, cursor)) })
  }
  writeFileSync(pinnedFile, `${JSON.stringify(kept, null, 1)}\n`)
}
if (process.env.SPW_WRITE_CURSORS) await write()
const kept: readonly Kept[] = JSON.parse(readFileSync(pinnedFile, 'utf8'))

test.each(kept)('$name', async ({ name, cursor, next }) => {
  expect(digest(await nextSix(name, cursor))).toBe(next)
  // and a run from the beginning comes to that very place
  expect((await nextSix(name)).at(-1)?.cursor).toEqual(cursor)
})
