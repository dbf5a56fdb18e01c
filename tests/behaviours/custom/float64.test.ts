// Loss, log-probability and exact match of random records in random templates and splits, against a float64 model and labels
// that are worked out here: by bytes, from the pieces that the template writes, not by tokenising twice.
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RunSpecInput } from '../../../src-worker/contract/run-spec'
import { openTokenizer, type Tokenizer } from '../../../src-worker/dataset/tokenizer'
import { resolveSpec } from '../../../src-worker/spec/resolve'
import { rng } from '../../../src-worker/stream/rng'
import { createRun, runFiles } from '../../../src-worker/train/run-folder'
import { writeSnapshot } from '../../../src-worker/weights/snapshot-file'
import { openNeox } from '../../neox64'
import { runToEnd } from '../../train/runs'
import {
  type Expected,
  end,
  expectedOf,
  folder,
  type RandomRecord,
  randomRecord,
  rowOf,
  said,
  type Template,
  templates,
} from './records64'

const home = mkdtempSync(join(tmpdir(), 'spw-float64-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const neox = openNeox(folder)

/** Σ −log p of the labels, log p of the last span, and whether each of its words is the most probable one. */
function measured({ ids, spans }: Expected, soft: readonly Float64Array[], at: 'before' | 'after') {
  const start = at === 'after' ? (spans[0]?.[0] ?? 0) : 0
  const rows = ids.map(id => neox.embedding(id))
  const slots = [...rows.slice(0, start), ...soft, ...rows.slice(start)]
  const next = neox.logProbs(slots)
  /** before the label i stands this slot */
  const before = (i: number): Float64Array =>
    next[(i >= start ? i + soft.length : i) - 1] ?? new Float64Array()
  const logP = (i: number): number => before(i)[ids[i] ?? 0] ?? Number.NaN
  const labels = spans.flatMap(([a, b]) => Array.from({ length: b - a }, (_, k) => a + k))
  const [from, to] = spans.at(-1) ?? [0, 0]
  const last = labels.filter(i => i >= from && i < to)
  const sum = (some: readonly number[]) => some.reduce((total, i) => total + logP(i), 0)
  const isBest = (i: number): boolean => before(i).every(p => p <= logP(i))
  return { nll: -sum(labels), count: labels.length, logProb: sum(last), exact: last.every(isBest) }
}

/** What the reference model itself goes on with, so that some answers are right. */
async function ownAnswer(
  tokenizer: Tokenizer,
  of: Template,
  question: string,
  soft: readonly Float64Array[],
): Promise<RandomRecord | undefined> {
  const text = of.first + of.head.user + question + of.behind + of.head.assistant
  const ids = [...(await tokenizer.encode(text, { special: false }))]
  const rows = ids.map(id => neox.embedding(id))
  const written: number[] = []
  for (let k = 0; k < 3; k++) {
    const p = neox.logProbs([...soft, ...rows, ...written.map(id => neox.embedding(id))]).at(-1)
    written.push(p?.indexOf(Math.max(...p)) ?? 0)
  }
  const content = await tokenizer.decode(written)
  const again = await tokenizer.encode(text + content, { special: false })
  const isSame = again.join() === [...ids, ...written].join() && content.trim() === content
  if (!isSame || content === '' || written.includes(end)) return undefined
  const messages = [
    { role: 'user', content: question } as const,
    { role: 'assistant', content } as const,
  ]
  return { kind: 'chat', messages }
}

const fraction = (key: string): number =>
  createHash('sha256').update(key, 'utf8').digest().readUIntBE(0, 6) / 2 ** 48

/** What is asked decides the split. */
function keyOf(record: RandomRecord): string {
  if (record.kind === 'pair') return record.prompt
  return record.kind === 'text' ? record.text : JSON.stringify(record.messages.slice(0, 1))
}

interface Case {
  readonly template: Template
  readonly at: 'before' | 'after'
  readonly tokens: number
  /** 0: a file of its own to test on */
  readonly holdout: number
}
const cases: readonly Case[] = templates.flatMap((of, i) => [
  { template: of, at: 'before' as const, tokens: 1 + i, holdout: 0 },
  {
    template: of,
    at: i % 2 === 0 ? ('after' as const) : ('before' as const),
    tokens: 2,
    holdout: 0.3,
  },
])

async function run(
  { template: of, at, tokens, holdout }: Case,
  records: readonly RandomRecord[],
  soft: readonly Float64Array[],
  n: number,
): Promise<string> {
  const model = join(home, `model ${n}`)
  cpSync(folder, model, { recursive: true })
  writeFileSync(join(model, 'chat_template.jinja'), of.jinja)
  const [snapshot, data, other] = ['s.safetensors', 'd.jsonl', 'o.jsonl'].map(name =>
    join(home, `${n} ${name}`),
  ) as [string, string, string]
  const shape = [tokens, neox.width]
  const embedding = Float32Array.from(soft.flatMap(row => [...row]))
  await writeSnapshot(snapshot, {
    metadata: {
      ...{ source: 'workbench', model, shape: { type: 'direct', tokens, width: neox.width } },
      ...{ init: '', experiment: 'custom', dataset: '', conditionNames: [], runId: '', step: 0 },
      ...{ createdAt: '', training: {} },
    },
    parameters: new Map([['embedding', { shape, data: embedding }]]),
  } as never)
  writeFileSync(data, records.map(record => JSON.stringify(rowOf(record))).join('\n'))
  writeFileSync(other, '{"prompt": "never asked", "completion": " before"}\n')
  const spec: RunSpecInput = {
    ...{ experiment: { kind: 'custom', softPromptAt: at }, model, device: 'cpu' },
    data: {
      ...(holdout === 0 ? { path: other, testPath: data } : { path: data, holdout }),
      ...{ validation: false, heldOutUnits: 8 },
    },
    prompt: { type: 'direct', tokens, init: { kind: 'snapshot', path: snapshot } },
    training: { steps: 0, lanes: 4, accumulation: 2, length: 256, finalTestBatches: 100 },
    results: { prompts: 0, metricSamples: 1000 },
  }
  const made = await createRun(home, resolveSpec(spec))
  expect((await runToEnd(made, home)).state).toEqual({ kind: 'done' })
  return made
}

let exact = 0
test.each(cases.map((one, i) => [i, one] as const))(
  'random records, case %i',
  async (n, one) => {
    const random = rng(n, 'float64')
    const tokenizer = await openTokenizer(folder)
    const soft = Array.from({ length: one.tokens }, () =>
      Float64Array.from({ length: neox.width }, () => Math.fround(0.3 * (random.uniform() - 0.5))),
    )
    const records = Array.from({ length: 16 }, (_, i) => randomRecord(random, i))
    if (one.at === 'before')
      for (let i = 0; i < 6; i++) {
        const own = await ownAnswer(tokenizer, one.template, `own ${i} ${said(random)}`, soft)
        if (own !== undefined) records.push(own)
      }
    const folderOfRun = await run(one, records, soft, n)
    // held out: the records whose questions have the smallest hashes, as many as there are
    const { sums, counts } = JSON.parse(readFileSync(runFiles(folderOfRun).finalTest, 'utf8'))
    const largest = records.map(r => fraction(keyOf(r))).sort((a, b) => a - b)[sums.length - 1] ?? 0
    const held = records.filter(record => fraction(keyOf(record)) <= largest)
    expect(sums.length).toBe(one.holdout === 0 ? records.length : held.length)
    if (one.holdout > 0) expect(held.length).toBeLessThan(records.length)
    const expected = await Promise.all(held.map(r => expectedOf(r, tokenizer, one.template)))
    const all = expected.map((labels, i) =>
      // the soft prompt stands before a text, wherever it stands in a pair
      measured(labels, soft, held[i]?.kind === 'text' ? 'before' : one.at),
    )
    expect(counts).toEqual(all.map(({ count }) => count))
    all.forEach(({ nll, count }, i) => {
      expect(Math.abs(sums[i] - nll) / count, `loss of ${JSON.stringify(held[i])}`).toBeLessThan(
        1e-5,
      )
    })
    const { details } = JSON.parse(readFileSync(runFiles(folderOfRun).behaviour, 'utf8'))
    const asked = all.filter((_, i) => held[i]?.kind !== 'text')
    expect(details.length).toBe(asked.length)
    asked.forEach(({ logProb, exact }, i) => {
      expect(Math.abs(details[i].logProb - logProb), `log-probability ${i}`).toBeLessThan(2e-4)
      expect({ i, exact: details[i].exact }).toEqual({ i, exact })
    })
    exact += asked.filter(one => one.exact).length
  },
  120_000,
)

test('some of these answers were right', () => {
  expect(exact).toBeGreaterThan(0)
})
