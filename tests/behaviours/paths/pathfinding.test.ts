// The pathfinding experiment: endless boards, labels on the moves only, the original's leak on request.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { paths } from '../../../src-worker/behaviours/paths/index'
import type { MicroBatch } from '../../../src-worker/contract/batch'
import type { RunSpecInput } from '../../../src-worker/contract/run-spec'
import { openTokenizer } from '../../../src-worker/dataset/tokenizer'
import { resolveSpec } from '../../../src-worker/spec/resolve'
import { openRun } from '../../../src-worker/stream/open'
import type { ExperimentContext, ExperimentRun } from '../../../src-worker/stream/source'
import { openModelFolder } from '../../../src-worker/weights/model-folder'
import { referencePath } from '../../reference-path'

const base: RunSpecInput = {
  experiment: { kind: 'pathfinding' },
  model: referencePath('models/workbench-demo-base'),
  prompt: { type: 'mlp', tokens: 4 },
  training: { steps: 4, lanes: 8, accumulation: 1, length: 256 },
}

let context: Omit<ExperimentContext, 'spec'>
beforeAll(async () => {
  const model = await openModelFolder(referencePath('models/workbench-demo-base'))
  const tokenizer = await openTokenizer(model.path)
  context = { model, tokenizer, home: join(tmpdir(), 'spw-none'), resources: '', threads: 0 }
})

const open = (over: RunSpecInput = {}): Promise<ExperimentRun> =>
  openRun(paths, { ...context, spec: resolveSpec({ ...base, ...over }) })

/** The text of the labels of one lane. */
function labelText({ rows, labels, slotsPerLane }: MicroBatch, lane: number): Promise<string> {
  const own = [...labels].filter((_, r) => Math.floor(rows[r]! / slotsPerLane) === lane)
  return context.tokenizer.decode(own)
}

describe('batches', () => {
  test('labels are the moves; conditions are extra moves and wall hits', async () => {
    const run = await open()
    expect(run.conditionNames).toEqual(['extra moves', 'wall hits'])
    const { batch } = await run.train().next()
    for (let b = 0; b < batch.lanes; b++)
      expect(await labelText(batch, b)).toMatch(/^([NESW] )*[DU]$/)
    expect(batch.conditions.some(c => c > 0)).toBe(true)
    await run.close()
  })

  test('the original trains on the last P board tokens, too', async () => {
    const run = await open({ original: true })
    const { batch } = await run.train().next()
    expect(await labelText(batch, 0)).toMatch(/Moves:\n([NESW] )*[DU]$/)
    await run.close()
  })

  test('boards that are not square, without spaces and line', async () => {
    const experiment: RunSpecInput['experiment'] = {
      kind: 'pathfinding',
      boardWidth: 7,
      boardHeight: 3,
      spaces: false,
      movesLine: false,
    }
    const run = await open({ experiment })
    const [prompt] = await run.evaluationPrompts()
    expect(prompt?.text).toMatch(/^([ABOX]{7}\n){3}$/)
    expect(prompt?.expected).toMatch(/^[NESW]*[DU]$/)
    await run.close()
  })

  test('test boards are the same for every seed and are never trained on', async () => {
    const runs = await Promise.all([1, 2].map(seed => open({ seed })))
    const [a, b] = await Promise.all(runs.map(async run => (await run.test().next()).batch.slots))
    expect(a).toEqual(b)
    const [c, d] = await Promise.all(runs.map(async run => (await run.train().next()).batch.slots))
    expect(c).not.toEqual(d)
    for (const run of runs) await run.close()
  })

  test('evaluation prompts carry the conditions of their own walk', async () => {
    const run = await open({ results: { prompts: 20 } })
    const prompts = await run.evaluationPrompts()
    expect(prompts).toHaveLength(20)
    for (const { conditions, label } of prompts)
      expect(label).toBe(`${conditions[0]} extra moves, ${conditions[1]} wall hits`)
    await run.close()
  })
})

describe('refusals', () => {
  test('a board that does not fit the length', async () => {
    const experiment: RunSpecInput['experiment'] = {
      kind: 'pathfinding',
      boardWidth: 32,
      boardHeight: 32,
    }
    await expect(open({ experiment })).rejects.toMatchObject({
      code: 'shape',
      message: expect.stringContaining('but training.length is 256'),
      fix: expect.stringContaining('Set training.length to at least'),
    })
  })

  test('a file instead of made boards', async () => {
    await expect(open({ data: { path: 'boards.txt' } })).rejects.toMatchObject({ code: 'usage' })
  })
})

test.each([
  ['EleutherAI/pythia-410m-deduped', 16],
  ['EleutherAI/pythia-160m-deduped', 8],
  ['EleutherAI/pythia-70m-deduped', 4],
])('the paper: %s accumulates %i', (model, accumulation) => {
  const spec = resolveSpec({ experiment: { kind: 'pathfinding' }, model })
  expect(spec.training).toMatchObject({ steps: 2048, lanes: 256, length: 256, accumulation })
  expect(spec.data.path).toBe('procedural')
})
