// Pairs and conversations against transformers in float64: tests/reference/custom/make.py wrote what is expected.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cuts, cutTo } from '../../../src-worker/behaviours/custom/cut'
import { labeller } from '../../../src-worker/behaviours/custom/labels'
import { readCustom } from '../../../src-worker/behaviours/custom/pairs'
import { customFieldsSchema } from '../../../src-worker/contract/experiment-spec'
import type { RunSpec } from '../../../src-worker/contract/run-spec'
import { changes } from '../../../src-worker/dataset/special-tokens'
import { openTokenizer } from '../../../src-worker/dataset/tokenizer'
import { parseWritten } from '../../../src-worker/dataset/written-json'
import { resolveSpec } from '../../../src-worker/spec/resolve'
import { createRun, runFiles } from '../../../src-worker/train/run-folder'
import { openModelFolder } from '../../../src-worker/weights/model-folder'
import { writeSnapshot } from '../../../src-worker/weights/snapshot-file'
import { referencePath } from '../../reference-path'
import { runToEnd } from '../../train/runs'

/** Records whose answers are written and scored; the loss is that of all 200. */
const measured = 90

interface Golden {
  readonly ids: readonly number[]
  readonly spans: readonly (readonly [number, number])[]
  readonly told: readonly string[]
  /** Σ over all labels */
  readonly nll: number
  /** of the last answer; absent: it was cut */
  readonly logProb?: number
  readonly exact?: boolean
  readonly choice?: Readonly<Record<'total' | 'perToken' | 'perByte', boolean>>
}
interface Goldens {
  readonly length: number
  readonly soft: readonly (readonly number[])[]
  readonly records: readonly Golden[]
}

const home = mkdtempSync(join(tmpdir(), 'spw-golden-custom-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const reference = (name: string): string => referencePath('reference', 'custom', name)
const goldensOf = (model: string): Goldens =>
  JSON.parse(readFileSync(reference(`${model}.json`), 'utf8'))

/** The model's folder; one without a chat template gets that of the reference. */
function folderOf(model: string): string {
  const folder = join(home, model)
  cpSync(referencePath('models', model), folder, { recursive: true })
  if (model === 'tiny-neox')
    cpSync(reference('chat_template.jinja'), join(folder, 'chat_template.jinja'))
  return folder
}

/** A run without steps: the given prompt on the given records. */
async function evaluated(model: string, { length, soft }: Goldens): Promise<string> {
  const folder = folderOf(model)
  const [tokens, width] = [soft.length, soft[0]?.length ?? 0]
  const snapshot = join(home, `${model}.safetensors`)
  const parameters = new Map([
    ['embedding', { shape: [tokens, width], data: Float32Array.from(soft.flat()) }],
  ])
  await writeSnapshot(snapshot, {
    metadata: {
      ...{ source: 'workbench', model, shape: { type: 'direct', tokens, width }, init: '' },
      ...{ experiment: 'custom', dataset: '', conditionNames: [], runId: '', step: 0 },
      ...{ createdAt: '', training: {} },
    },
    parameters,
  } as never)
  const train = join(home, 'train.jsonl')
  writeFileSync(train, '{"prompt": "never asked", "completion": " before"}\n')
  const spec = resolveSpec({
    ...{ experiment: { kind: 'custom' }, model: folder, device: 'cpu' },
    data: { path: train, testPath: reference(`${model}.jsonl`), validation: false },
    prompt: { type: 'direct', tokens, init: { kind: 'snapshot', path: snapshot } },
    training: { steps: 0, lanes: 8, accumulation: 1, length, finalTestBatches: 100 },
    results: { prompts: 0, metricSamples: measured },
  })
  const run = await createRun(home, spec)
  const { state } = await runToEnd(run, home)
  expect(state).toEqual({ kind: 'done' })
  return run
}

const names: Readonly<Record<string, string>> = {
  start: changes.secondStart,
  end: changes.secondEnd,
  prompt: cuts.prompt,
  completion: cuts.completion,
  rest: cuts.rest,
  empty: 'a start token was put before a completion that nothing precedes',
}

describe.each(['tiny-llama', 'tiny-neox', 'workbench-demo-chat'])('%s', model => {
  const goldens = goldensOf(model)

  test('ids, labelled spans, and what is told of each record', async () => {
    const folder = folderOf(model)
    const context = {
      spec: {
        experiment: { kind: 'custom', softPromptAt: 'before', marker: 'M', separator: '' },
        data: { date: '' },
      } as RunSpec,
      model: await openModelFolder(folder),
      tokenizer: await openTokenizer(folder),
    }
    const label = labeller(context)
    const lines = readFileSync(reference(`${model}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
    for (const [i, line] of lines.entries()) {
      const read = readCustom(parseWritten(line) as never, customFieldsSchema.parse({}))
      if ('why' in read) throw new Error(read.why)
      const labelled = await label(read.raw)
      if ('why' in labelled) throw new Error(labelled.why)
      const {
        ids,
        spans,
        changes: told,
      } = cutTo(labelled, goldens.length, context.tokenizer.bosTokenId)
      const golden = goldens.records[i]
      expect({ i, ids, spans }).toEqual({ i, ids: golden?.ids, spans: golden?.spans })
      expect([...told].sort()).toEqual(golden?.told.map(name => names[name] ?? name).sort())
    }
  })

  test('loss, log-probability, exact match and multiple choice', async () => {
    const run = await evaluated(model, goldens)
    const { sums, counts } = JSON.parse(readFileSync(runFiles(run).finalTest, 'utf8'))
    const labels = goldens.records.map(({ spans }) => spans.reduce((n, [a, b]) => n + b - a, 0))
    expect(counts).toEqual(labels)
    goldens.records.forEach(({ nll }, i) => {
      expect(Math.abs(sums[i] - nll) / (labels[i] ?? 1), `loss of record ${i}`).toBeLessThan(1e-5)
    })
    const { details } = JSON.parse(readFileSync(runFiles(run).behaviour, 'utf8'))
    const whole = goldens.records.slice(0, measured).filter(({ logProb }) => logProb !== undefined)
    expect(details.length).toBe(whole.length)
    whole.forEach(({ logProb = 0, exact, choice }, i) => {
      const { logProb: own, exact: matched, choice: chosen } = details[i]
      expect(Math.abs(own - logProb), `log-probability ${i}`).toBeLessThan(2e-4)
      expect({ i, matched }).toEqual({ i, matched: exact })
      for (const key of ['total', 'perToken', 'perByte'] as const)
        expect(chosen?.[key], `choice ${i} ${key}`).toBe(choice?.[key])
    })
  }, 120_000)
})

mkdirSync(home, { recursive: true })
