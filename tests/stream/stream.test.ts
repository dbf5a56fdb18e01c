// Laws of the streams: held out means never trained on, resumed means as if never stopped, threads change nothing.
// long because each law of the streams stands here once, over the same data
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { behaviourOf } from '../../src-worker/behaviours/registry'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { openRun } from '../../src-worker/stream/open'
import type {
  BatchStream,
  ExperimentContext,
  ExperimentRun,
  StreamItem,
} from '../../src-worker/stream/source'
import { contextOf } from '../behaviours/spec'

let folder: string
let path: string
const words = 'river stone candle winter apple horse garden silver mirror boat'.split(' ')
/** Document i: its own number, so that tokens show where they come from. */
const document = (i: number): string =>
  `Number ${i}. ${Array.from({ length: 3 + ((i * 7) % 60) }, (_, k) => words[(i + k * k) % 10]).join(' ')}.`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spw-stream-'))
  path = join(folder, 'documents.jsonl')
  const lines = Array.from({ length: 90 }, (_, i) => JSON.stringify({ text: document(i % 80) }))
  await writeFile(path, lines.join('\n')) // the last ten are copies of the first
})

async function open(
  over: RunSpecInput,
  more: Partial<ExperimentContext> = {},
): Promise<ExperimentRun> {
  const context = await contextOf({ data: { path }, ...over }, more)
  return openRun(behaviourOf(context.spec.experiment.kind), context)
}

async function take(stream: BatchStream, count: number): Promise<StreamItem[]> {
  const items: StreamItem[] = []
  for (let i = 0; i < count; i++) items.push(await stream.next())
  return items
}

const plain = ({ batch, documentOf, cursor }: StreamItem): unknown =>
  JSON.parse(
    JSON.stringify({ batch, documentOf, cursor }, (_, value: unknown) =>
      ArrayBuffer.isView(value) ? Array.from(value as unknown as number[]) : value,
    ),
  )

async function batchesOf(over: RunSpecInput, count: number, more: Partial<ExperimentContext> = {}) {
  const run = await open(over, more)
  try {
    return (await take(run.train(), count)).map(plain)
  } finally {
    await run.close()
  }
}

const kinds: readonly RunSpecInput[] = [
  { experiment: { kind: 'autoregressive' } },
  { experiment: { kind: 'skip-tokens', skip: 2 } },
  { experiment: { kind: 'repetition', text: 'meow' } },
  { experiment: { kind: 'favor-future', lookahead: 2 } },
  { experiment: { kind: 'custom' }, data: { holdout: 0.2 } },
]

describe.each(kinds)('$experiment.kind', over => {
  const input = (more: RunSpecInput = {}): RunSpecInput => ({
    ...over,
    ...more,
    data: { path, holdout: 0.2, ...more.data },
  })

  test('resumed at any cursor, the batches are those that would have followed', async () => {
    const run = await open(input())
    const whole = (await take(run.train(), 60)).map(plain)
    for (const at of [1, 7, 30, 52]) {
      const { cursor } = whole[at - 1] as StreamItem
      const resumed = await take(run.train(JSON.parse(JSON.stringify(cursor))), 60 - at)
      expect(resumed.map(plain)).toEqual(whole.slice(at))
    }
    await run.close()
  })

  test('the order of batches does not depend on the number of threads', async () => {
    const local = await batchesOf(input(), 20)
    for (const threads of [1, 3]) {
      const run = await open(input(), { threads })
      expect(run.report()).toMatchObject({ threads, threadFault: '' })
      const stream = run.train()
      expect((await take(stream, 20)).map(plain)).toEqual(local)
      await run.close()
    }
  })

  test('a seed decides the batches', async () => {
    const [one, again, other] = [input({ seed: 1 }), input({ seed: 1 }), input({ seed: 2 })]
    const batches = await batchesOf(one, 6)
    expect(await batchesOf(again, 6)).toEqual(batches)
    expect(await batchesOf(other, 6)).not.toEqual(batches)
  })
})

describe('held out', () => {
  /** Numbers of the documents whose beginnings are in these batches. */
  async function numbersIn(items: StreamItem[]): Promise<Set<number>> {
    const { tokenizer } = await contextOf({})
    const numbers = new Set<number>()
    for (const { batch } of items)
      for (let b = 0; b < batch.lanes; b++) {
        const at = b * batch.slotsPerLane
        const ids = [...batch.slots.subarray(at, at + batch.slotsPerLane)].filter(id => id >= 0)
        const found = /Number (\d+)\./.exec(await tokenizer.decode(ids))
        if (found) numbers.add(Number(found[1]))
      }
    return numbers
  }

  const data = { path: '', holdout: 0.2 }
  test('documents are never trained on, copies neither', async () => {
    const run = await open({ data: { ...data, path } })
    const trained = await numbersIn(await take(run.train(), 400))
    const stream = run.test()
    const items: StreamItem[] = []
    for (let item = await stream.next(); item.cursor.epoch === 0; item = await stream.next())
      items.push(item)
    const tested = await numbersIn(items)
    expect(tested.size).toBeGreaterThan(5)
    expect(trained.size + tested.size).toBe(80)
    expect([...tested].filter(n => trained.has(n))).toEqual([])
    expect(run.report().split).toMatch(/20 % of the records, by content hash/)
    await run.close()
  })

  test.each([false, true])('validation and test, cut in two: %s', async validation => {
    const run = await open({ data: { ...data, path, validation } })
    const onePass = async (stream: BatchStream) => {
      const items: StreamItem[] = []
      for (let item = await stream.next(); item.cursor.epoch === 0; item = await stream.next())
        items.push(item)
      return numbersIn(items)
    }
    const trained = await numbersIn(await take(run.train(), 400))
    const [chosenBy, tested] = [await onePass(run.validation()), await onePass(run.test())]
    const all = new Set([...trained, ...chosenBy, ...tested])
    expect(all.size).toBe(80)
    const both = [...chosenBy].filter(n => tested.has(n))
    if (validation) {
      expect(trained.size + chosenBy.size + tested.size).toBe(80)
      expect(both).toEqual([])
      expect(tested.size).toBeGreaterThanOrEqual(8)
      expect(chosenBy.size).toBeGreaterThan(1)
      expect(run.report().split).toMatch(/for validation, \d+ for the final test$/)
    } else expect(both).toEqual([...tested])
    await run.close()
  })

  test('test batches are the same every time, for every seed and number of threads', async () => {
    const run = await open({ seed: 1, data: { ...data, path } })
    const first = (await take(run.test(), 30)).map(plain)
    expect((await take(run.test(), 30)).map(plain)).toEqual(first)
    await run.close()
    const other = await open({ seed: 2, data: { ...data, path } }, { threads: 2 })
    expect((await take(other.test(), 30)).map(plain)).toEqual(first)
    await other.close()
  })

  test('a pass of the test sees each token once, also with more lanes than documents', async () => {
    const { tokenizer } = await contextOf({})
    const run = await open({
      data: { ...data, path },
      training: { steps: 1, lanes: 64, accumulation: 1, length: 16 },
    })
    const stream = run.test()
    let tokens = 0
    const documents = new Set<number>()
    for (let item = await stream.next(); item.cursor.epoch === 0; item = await stream.next()) {
      tokens += item.batch.tokenCount
      for (const d of item.documentOf) documents.add(d)
    }
    await run.close()
    let expected = 0
    for (const i of await heldOutDocuments())
      expected += (await tokenizer.encode(document(i))).length
    expect(tokens).toBe(expected)
    expect(documents.size).toBe((await heldOutDocuments()).length)
  })

  async function heldOutDocuments(): Promise<number[]> {
    const { fractionOf } = await import('../../src-worker/stream/split')
    return Array.from({ length: 90 }, (_, i) => i % 80).filter(i => fractionOf(document(i)) <= 0.2)
  }

  test('a test file is tested on, and what stands in it is not trained on', async () => {
    const testPath = join(folder, 'test.jsonl')
    const lines = [3, 4, 5].map(i => JSON.stringify({ text: document(i) }))
    await writeFile(testPath, lines.join('\n'))
    const run = await open({ data: { path, testPath } })
    const trained = await numbersIn(await take(run.train(), 400))
    expect(trained.size).toBe(77)
    expect([3, 4, 5].some(n => trained.has(n))).toBe(false)
    expect(await numbersIn(await take(run.test(), 8))).toEqual(new Set([3, 4, 5]))
    await run.close()
  })

  test('holdout 0 tests on training documents and says so', async () => {
    const run = await open({ data: { path, holdout: 0 } })
    expect((await numbersIn(await take(run.test(), 300))).size).toBe(80)
    expect(run.report().warnings).toEqual([expect.stringMatching(/Nothing is held out/)])
    await run.close()
  })
})

test('original: the order of the file, not shuffled', async () => {
  const run = await open({ original: true, data: { path, holdout: 0 } })
  const items = await take(run.train(), 2)
  expect(items[0]?.documentOf[0]).toBe(0)
  const { tokenizer } = await contextOf({})
  const slots = [...(items[0]?.batch.slots ?? [])].filter(id => id >= 0)
  expect(await tokenizer.decode(slots)).toMatch(/^Number 0\. .*Number 1\. /)
  await run.close()
})

test('baselines are packed from the same data', async () => {
  const run = await open({ start: { kind: 'index', index: 0 } })
  const [prompted] = await take(run.test(), 1)
  const [none] = await take(run.test({ promptTokens: 0 }), 1)
  const [token] = await take(run.test({ promptTokens: 0, prefixToken: 5 }), 1)
  expect(none?.batch.slotsPerLane).toBe((prompted?.batch.slotsPerLane ?? 0) - 3)
  expect(token?.batch.labels).toEqual(prompted?.batch.labels)
  await run.close()
})

test('the report says what was read, skipped and waited for', async () => {
  const run = await open({ data: { path, holdout: 0.2 } }, { threads: 1 })
  const stream = run.train()
  await take(stream, 200)
  const report = run.report()
  expect(report).toMatchObject({ threads: 1, threadFault: '', skipped: {} })
  expect(report.documents).toBeGreaterThan(60)
  expect(report.epochs).toBeGreaterThan(0)
  expect(report.waitShare).toBeGreaterThanOrEqual(0)
  expect(report.waitShare).toBeLessThanOrEqual(1)
  expect(report.fingerprint).toMatch(/^sha256 [0-9a-f]{64} of 1 file/)
  await run.close()
})

test('without a thread the work is done here, and the report says why', async () => {
  const run = await open({}, { threads: 1, threadFile: join(folder, 'absent.js') })
  expect(run.report()).toMatchObject({
    threads: 0,
    threadFault: expect.stringMatching(/absent\.js/),
  })
  expect(await take(run.train(), 2)).toHaveLength(2)
  await run.close()
})

describe('faults', () => {
  test('data that are not there', async () => {
    await expect(open({ data: { path: join(folder, 'none.jsonl') } })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/there is no data at/),
    })
  })

  test.each([0, 2])('a file broken far in, with %i threads', async threads => {
    const broken = join(folder, `broken-${threads}.jsonl`)
    const good = Array.from({ length: 80 }, (_, i) => JSON.stringify({ text: document(i) }))
    await writeFile(broken, [...good, ...Array(60).fill('{oops')].join('\n'))
    // the look before the run finds it
    await expect(open({ data: { path: broken } }, { threads })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/broken-\d\.jsonl: \d+ of \d+ records are unusable/),
    })
  })

  test('one document leaves nothing to hold out', async () => {
    const single = join(folder, 'single.jsonl')
    await writeFile(single, JSON.stringify({ text: document(7) }))
    const run = await open({ data: { path: single } })
    expect(run.report().warnings[0]).toMatch(/Nothing is held out/)
    expect(await take(run.train(), 3)).toHaveLength(3)
    await run.close()
  })

  test('changed data under a checkpoint', async () => {
    const run = await open({ training: { steps: 1, lanes: 2, accumulation: 1, length: 8 } })
    const { cursor } = (await take(run.train(), 1))[0] as StreamItem
    const far = { ...cursor, lanes: cursor.lanes.map(() => [0, 5000, 8] as const) }
    await expect(run.train(far).next()).rejects.toMatchObject({
      message: expect.stringMatching(/is not what it was when this checkpoint was written/),
    })
    await run.close()
  })
})
