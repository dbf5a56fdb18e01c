// The control of an answer: every completion behind another prompt, none lost; the training records shuffled, the held-out
// ones as they are. From any kind of file that the behaviour reads.
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { Control } from '../../src-worker/behaviours/behaviour'
import { chess } from '../../src-worker/behaviours/chess/index'
import { customControl, oneCycle } from '../../src-worker/behaviours/custom/control'
import { custom } from '../../src-worker/behaviours/custom/index'
import type { CustomRaw } from '../../src-worker/behaviours/custom/pairs'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { rng } from '../../src-worker/stream/rng'
import { controlData, controlsFolder } from '../../src-worker/workbench/answer-control'
import { openContext } from '../../src-worker/workbench/context'
import { atEndOfTest } from '../clean-up'
import { temporaryFolder } from '../temporary'

const resources = resolve('resources')
const at = (home: string) => openContext({ home, resources }, 'test', () => undefined)

test.each([2, 3, 10, 101])('one cycle through %d: none stays, none is lost', size => {
  for (const seed of [1, 2, 3]) {
    const order = oneCycle(size, rng(seed, 'cycle'))
    expect(order.every((to, i) => to !== i)).toBe(true)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i))
  }
})

const pairs = Array.from({ length: 80 }, (_, i) => ({ prompt: `ask ${i}`, completion: `say ${i}` }))
const files = {
  'pairs.jsonl': pairs.map(pair => JSON.stringify(pair)).join('\n'),
  'pairs.json': JSON.stringify(pairs),
  'pairs.csv': ['prompt,completion', ...pairs.map(p => `${p.prompt},${p.completion}`)].join('\n'),
}

const cases = Object.entries(files).flatMap(([name, text]) => [
  // of 80 records 40 are held out, and 32 of them are kept for the test: 8 are for validation
  { name, text, validation: true, setAside: 8 },
  { name, text, validation: false, setAside: 0 },
])

test.each(cases)(
  '$name, validation $validation: no record is lost, no answer stays',
  async ({ name, text, validation, setAside }) => {
    const home = temporaryFolder()
    const path = join(home, name)
    await writeFile(path, text)
    const spec = resolveSpec({
      experiment: { kind: 'custom' },
      model: 'workbench-demo-base',
      data: { path, validation },
    })
    const data = await controlData(spec, customControl as never, at(home))
    expect(data.path.startsWith(controlsFolder(home))).toBe(true)
    const read = async (from: string) =>
      (await readFile(from, 'utf8'))
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as { prompt: string; completion: string })
    const [shuffled, heldOut] = [await read(data.path), await read(data.testPath)]
    const number = (words: string): string => words.replace(/\D+/, '')
    expect(shuffled.every(r => number(r.prompt) !== number(r.completion))).toBe(true)
    expect(heldOut.every(r => number(r.prompt) === number(r.completion))).toBe(true)
    expect(heldOut.length).toBeGreaterThanOrEqual(32)
    const prompts = [...shuffled, ...heldOut].map(r => r.prompt)
    const all = new Set(pairs.map(p => p.prompt))
    expect(prompts.every(prompt => all.delete(prompt))).toBe(true)
    expect(all.size).toBe(setAside)
    // what is trained on answers no held-out prompt
    const answers = new Set(shuffled.map(r => r.completion))
    expect(heldOut.some(r => answers.has(r.completion))).toBe(false)
    expect(await controlData(spec, customControl as never, at(home))).toEqual(data)
  },
)

test('making it gives the thread away in between, says how far it is, and can be cancelled', async () => {
  const home = temporaryFolder()
  const path = join(home, 'pairs.jsonl')
  await writeFile(path, files['pairs.jsonl'])
  const experiment = { kind: 'custom' as const }
  const spec = resolveSpec({ experiment, model: 'workbench-demo-base', data: { path } })
  const slow = {
    ...(customControl as Extract<Control, { kind: 'data' }>),
    *shuffled(raws: readonly unknown[]) {
      for (const raw of raws) {
        for (const until = performance.now() + 8; performance.now() < until; );
        yield raw
      }
    },
  }
  const controller = new AbortController()
  const shares: number[] = []
  let turns = 0
  const clock = setInterval(() => turns++, 1)
  atEndOfTest(() => clearInterval(clock))
  const onShare = (_doing: string, share: number): void => {
    if (shares.push(share) === 4) controller.abort()
  }
  const making = controlData(spec, slow, at(home), { onShare, signal: controller.signal })
  await expect(making).rejects.toThrow('making the data of the control was cancelled')
  expect(shares).toEqual([...shares].sort((a, b) => a - b))
  expect(shares.at(-1)).toBeLessThan(0.5)
  expect(turns).toBeGreaterThanOrEqual(3)
})

test('records without an answer of their own are refused with their number', () => {
  const { control } = custom
  if (control.kind !== 'data') throw new Error('no control')
  const raws: CustomRaw[] = [
    { kind: 'text', text: 'one', conditions: [] },
    { kind: 'pair', prompt: 'a', completion: 'b', alternatives: [], conditions: [] },
  ]
  expect(() => control.shuffled(raws, rng(0, 'x'))).toThrow(
    '1 of 2 records have no completion of their own to shuffle',
  )
})

test('chess: games of random legal moves, as a file that its own filter lets through', async () => {
  const home = temporaryFolder()
  const { control } = chess
  if (control.kind !== 'data') throw new Error('no control')
  const spec = resolveSpec({
    experiment: { kind: 'chess' },
    model: 'workbench-demo-base',
    data: { path: 'demo' },
  })
  const games = [
    { whiteElo: 1500, blackElo: 1600, uci: 'e2e4 e7e5 g1f3 b8c6 f1b5 a7a6' },
    { whiteElo: 900, blackElo: 1000, uci: 'd2d4 d7d5 c2c4 e7e6 b1c3 g8f6' },
  ]
  const random = [...control.shuffled(games, rng(0, 'x'))] as typeof games
  expect(random.map(g => g.whiteElo)).toEqual([1500, 900])
  expect(random.every((g, i) => g.uci !== games[i]?.uci)).toBe(true)
  const path = join(home, 'games.pgn')
  await writeFile(path, random.map(game => control.text(game, spec.experiment)).join(''))
  const context = { spec, model: undefined, tokenizer: undefined } as never
  const read = []
  for await (const { raw } of (await chess.openPipeline(context)).records(path, {})) read.push(raw)
  expect(read).toEqual(random)
})

test('parquet: a table’s numbers are prompts, its texts are shuffled among them', async () => {
  const home = temporaryFolder()
  const spec = resolveSpec({
    experiment: { kind: 'custom', fields: { prompt: 'n', completion: 'text' } },
    model: 'workbench-demo-base',
    data: { path: resolve('tests/dataset/fixtures/rows-snappy.parquet') },
  })
  const data = await controlData(spec, customControl as never, at(home))
  const read = async (path: string) =>
    (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { n: string; text: string })
  const [shuffled, heldOut] = [await read(data.path), await read(data.testPath)]
  const isOwn = ({ n, text }: { n: string; text: string }) => text.startsWith(`Row ${n}:`)
  expect(shuffled.filter(isOwn)).toEqual([])
  expect(heldOut.every(isOwn)).toBe(true)
  expect(heldOut.length).toBeGreaterThanOrEqual(32)
  expect(new Set(shuffled.map(r => r.text)).size).toBe(shuffled.length)
})
