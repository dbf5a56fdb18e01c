// One answer found by two processes at once, as where a task of a cluster was queued again while it still ran: they take turns.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnswerStep } from '../../src-worker/contract/answer'
import type { RunSpec } from '../../src-worker/contract/run-spec'
import { homePaths } from '../../src-worker/train/home'
import { runFiles } from '../../src-worker/train/run-folder'
import { spw } from '../cli/spw'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

test('two processes that find one answer make each run once, and say the same', async () => {
  const home = temporaryFolder()
  const data = join(home, 'pairs.jsonl')
  const pairs = Array.from({ length: 80 }, (_, i) => ({ prompt: `ask ${i}`, completion: ' x' }))
  writeFileSync(data, pairs.map(pair => JSON.stringify(pair)).join('\n'))
  const question = [
    ...['--experiment', '{"kind":"custom","scorer":"contains"}', '--data', data],
    ...['--model', referencePath('models/tiny-neox'), '--text-prompt', 'say x', '--steps', '160'],
    ...['--lanes', '2', '--accumulation', '1', '--length', '32', '--final-test-batches', '1'],
    // the baselines, and one run of training: after that it is spent
    ...['--results', '1', '--metric-samples', '2', '--budget', '0.000001s'],
  ]
  const both = await Promise.all([1, 2].map(() => spw(home, '--json', 'answer', ...question)))
  const said = both.map(({ code, out, err }) => {
    expect(code, err).toBe(0)
    return JSON.parse(out) as AnswerStep
  })
  expect(said[0]?.verdict).toEqual(said[1]?.verdict)
  expect(said[0]?.runs).toEqual(said[1]?.runs)
  const { runs } = homePaths(home)
  const ids = readdirSync(runs).filter(id => !id.startsWith('.'))
  const made = ids.map(id => {
    const { prompt, seed } = JSON.parse(
      readFileSync(runFiles(join(runs, id)).spec, 'utf8'),
    ) as RunSpec
    return JSON.stringify([prompt, seed])
  })
  expect(made).toHaveLength(4)
  expect(new Set(made).size).toBe(4)
}, 180_000)
