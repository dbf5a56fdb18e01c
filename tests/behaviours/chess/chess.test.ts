// The chess experiment from file to batches: cache, split, conditions, evaluation prompts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gamesWanted } from '../../../src-worker/behaviours/chess/files'
import { chess } from '../../../src-worker/behaviours/chess/index'
import type { RunSpecInput } from '../../../src-worker/contract/run-spec'
import { openTokenizer } from '../../../src-worker/dataset/tokenizer'
import { resolveSpec } from '../../../src-worker/spec/resolve'
import { openRun } from '../../../src-worker/stream/open'
import type { ExperimentContext, ExperimentRun } from '../../../src-worker/stream/source'
import { openModelFolder } from '../../../src-worker/weights/model-folder'
import { referencePath } from '../../reference-path'

const home = mkdtempSync(join(tmpdir(), 'spw-chess-'))
afterAll(() => rmSync(home, { recursive: true }))

const sample = referencePath('data/lichess_sample.pgn.zst')
const base: RunSpecInput = {
  experiment: { kind: 'chess' },
  model: referencePath('models/tiny-neox'),
  data: { path: sample },
  prompt: { type: 'mlp', tokens: 4 },
  training: { steps: 8, lanes: 8, accumulation: 2, length: 64 },
}

let context: Omit<ExperimentContext, 'spec'>
beforeAll(async () => {
  const model = await openModelFolder(referencePath('models/tiny-neox'))
  const tokenizer = await openTokenizer(model.path)
  context = { model, tokenizer, home, resources: join(__dirname, '../../../resources'), threads: 0 }
})

const open = (over: RunSpecInput = {}): Promise<ExperimentRun> =>
  openRun(chess, { ...context, spec: resolveSpec({ ...base, ...over }) })

describe('opened on real games', () => {
  test('batches carry both Elos; training and held-out games are different ones', async () => {
    const run = await open()
    expect(run.conditionNames).toEqual(['white Elo', 'black Elo'])
    const train = run.train()
    const seen = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const { batch } = await train.next()
      expect(batch.lanes).toBe(4)
      expect(batch.conditions).toHaveLength(8)
      for (const c of batch.conditions) expect(c).toBeGreaterThan(-0.3)
      expect([...batch.slots.subarray(0, 4)]).toEqual([-1, -2, -3, -4])
      for (let b = 0; b < 4; b++) seen.add(rowOf(batch, b))
    }
    const { batch } = await run.test().next()
    for (let b = 0; b < 4; b++) expect(seen.has(rowOf(batch, b))).toBe(false)
    expect(run.report()).toMatchObject({ path: sample, skipped: { event: 5054, 'no-moves': 3 } })
    await run.close()
  })

  test('a second run finds the games prepared; no data of another filter are used', async () => {
    const doing: string[] = []
    const spec = resolveSpec(base)
    const onProgress = (what: string): void => void doing.push(what)
    await (await openRun(chess, { ...context, spec, onProgress })).close()
    expect(doing.some(what => what.startsWith('preparing'))).toBe(false)
  })

  test('constant and unconditional prompts', async () => {
    const constant = await open({ experiment: { kind: 'chess', conditioned: 'constant' } })
    expect(constant.conditionNames).toEqual(['constant'])
    expect([...(await constant.train().next()).batch.conditions]).toEqual([1, 1, 1, 1])
    await constant.close()
    const none = await open({
      experiment: { kind: 'chess', conditioned: 'none' },
      prompt: { type: 'direct', tokens: 4, init: { kind: 'vocabulary' } },
    })
    expect(none.conditionNames).toEqual([])
    expect((await none.train().next()).batch.conditions).toHaveLength(0)
    await none.close()
  })

  test('evaluation prompts are beginnings of held-out games with their continuation', async () => {
    const run = await open({ results: { prompts: 5 } })
    const prompts = await run.evaluationPrompts()
    expect(prompts).toHaveLength(5)
    for (const { text, expected, tokenIds, conditions } of prompts) {
      expect(text).toMatch(/^([a-h][1-8]){2}/)
      expect(text.split(' ').length).toBeLessThanOrEqual(20)
      expect(expected).toMatch(/^ ([a-h][1-8]){2}/)
      expect(await context.tokenizer.decode(tokenIds)).toBe(text)
      expect(conditions).toHaveLength(2)
    }
    await run.close()
  })

  test('a second file tests, and its games are not trained on', async () => {
    const run = await open({ data: { path: sample, testPath: sample } })
    const stream = run.train()
    await expect(stream.next()).rejects.toMatchObject({ code: 'bad-data' })
    await run.close()
  })

  test('bundled games', async () => {
    const run = await open({ ...chess.demo(), model: referencePath('models/tiny-neox') })
    expect((await run.train().next()).batch.lanes).toBe(8)
    expect(run.report().path).toContain('lichess_demo.pgn.zst')
    await run.close()
  })
})

test('a monthly database by URL: only its head is fetched, and used up to the cut', async () => {
  const bytes = readFileSync(sample)
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.range ?? 'all')
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
    const part = bytes.subarray(Number(from ?? 0), Number(to ?? bytes.length - 1) + 1)
    const range = `bytes ${from}-${to}/${bytes.length}`
    response.writeHead(206, { 'content-range': range, 'content-length': part.length })
    response.end(part)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const path = `http://127.0.0.1:${port}/lichess_db_standard_rated_2023-11.pgn.zst`
  const experiment: RunSpecInput['experiment'] = { kind: 'chess', filter: { events: [] } }
  const data = { path, headBytes: 1 << 18 }
  const first = await open({ data, experiment })
  const { batch } = await first.train().next()
  expect(first.report().path).toContain('head-262144')
  await first.close()
  server.close()
  expect(asked).toEqual(['bytes=0-262143'])
  // the head is kept: a second run needs no network
  const second = await open({ data, experiment })
  expect((await second.train().next()).batch.slots).toEqual(batch.slots)
  await second.close()
})

describe('files that are not what they should be', () => {
  test('no game of the event is a fault with the reasons', async () => {
    const spec: RunSpecInput = {
      experiment: { kind: 'chess', filter: { events: ['Rated Antichess game'] } },
    }
    const run = open(spec).then(opened => opened.train().next())
    await expect(run).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('5698 × event'),
    })
  })

  test('a cut file is used up to the cut, and the report warns', async () => {
    const path = join(home, 'cut.pgn.zst')
    writeFileSync(path, readFileSync(sample).subarray(0, 400_000))
    const experiment: RunSpecInput['experiment'] = { kind: 'chess', filter: { events: [] } }
    const run = await open({ data: { path }, experiment })
    await run.train().next()
    expect(run.report().warnings).toContain(
      'The file of games is cut short: what came before was used.',
    )
    await run.close()
  })

  test('corrupt compression is a fault', async () => {
    const path = join(home, 'corrupt.pgn.zst')
    writeFileSync(path, readFileSync(sample).fill(9, 100_000, 100_900))
    await expect(open({ data: { path } })).rejects.toMatchObject({ code: 'bad-file' })
  })
})

test('the cache is a power of two that all lengths of a sweep share', () => {
  const spec = resolveSpec(base)
  expect(gamesWanted(spec)).toBe(1 << 17)
  const long = resolveSpec({ ...base, training: { steps: 10_000, lanes: 32 } })
  expect(gamesWanted(long)).toBe(1 << 19)
})

test.each([
  ['EleutherAI/pythia-160m-deduped', 1024, 8],
  ['EleutherAI/pythia-70m-deduped', 512, 4],
  ['EleutherAI/pythia-160m-deduped', 256, 4],
  ['EleutherAI/pythia-70m-deduped', 64, 2],
  ['EleutherAI/pythia-160m-deduped', 16, 2],
  ['EleutherAI/pythia-70m-deduped', 1, 1],
])('the paper: %s with %i tokens accumulates %i', (model, tokens, accumulation) => {
  const spec = resolveSpec({
    experiment: { kind: 'chess' },
    model,
    data: { path: 'x' },
    prompt: { type: 'mlp', tokens },
  })
  expect(spec.training).toMatchObject({ steps: 4096, lanes: 32, length: 256, accumulation })
  expect(spec.optimizer).toMatchObject({ learningRate: 1e-3, weightDecay: 1e-4 })
  expect(spec.prompt).toMatchObject({ type: 'mlp', hiddenLayers: 0, hiddenWidth: 128 })
  expect(spec.start).toEqual({ kind: 'index', index: 0 })
  expect(spec.results).toMatchObject({ prompts: 128, maxTokens: 32 })
})

function rowOf(batch: { slots: Int32Array; slotsPerLane: number }, b: number): string {
  return batch.slots.subarray(b * batch.slotsPerLane, (b + 1) * batch.slotsPerLane).join(' ')
}
