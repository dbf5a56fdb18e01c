// The program of a scorer: what a person typed may run, what a file brings is asked about first, and a run refuses the rest.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allowScorers } from '../../src-worker/cli/allow-scorer'
import { sweepOf } from '../../src-worker/cli/spec-options'
import type { SweepSpec } from '../../src-worker/contract/run-spec'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { runToEnd, tinySpec } from '../train/runs'

const sweep = (scorer: string, over: SweepSpec['over'] = {}): SweepSpec => ({
  ...{ name: '', models: [], datasets: [], tokens: [], seeds: [], untrained: false },
  ...{ base: { experiment: { kind: 'custom', scorer } }, over },
})
const plain = sweep('exact')
const refused = {
  code: 'usage',
  message: 'the scorer starts a program that nobody has allowed on this machine: python judge.py',
  fix: expect.stringMatching(/--allow-scorer/),
}

test('what is typed is allowed from then on; what a file names is not', async () => {
  const home = temporaryFolder()
  const foreign = sweep('command:python judge.py')
  await expect(allowScorers(home, foreign, plain, false)).rejects.toMatchObject(refused)
  await allowScorers(home, foreign, foreign, false)
  await allowScorers(home, foreign, plain, false)
  // other arguments and a shell are other programs
  const others = ['command:python judge.py --all', 'shell:python judge.py']
  for (const other of others)
    await expect(allowScorers(home, sweep(other), plain, false)).rejects.toMatchObject({
      code: 'usage',
    })
  await allowScorers(home, sweep(others[1] ?? ''), plain, true)
  await allowScorers(home, sweep(others[1] ?? ''), plain, false)
})

test('an axis of a sweep hides no program', async () => {
  const home = temporaryFolder()
  const hidden = [
    { 'experiment.scorer': ['exact', 'command:python judge.py'] },
    { experiment: [{ kind: 'custom', scorer: 'command:python judge.py' }] },
  ]
  for (const over of hidden)
    await expect(allowScorers(home, sweep('exact', over), plain, false)).rejects.toMatchObject(
      refused,
    )
})

test('the flag: the file that it names is a whole path, and the run goes on from any folder', async () => {
  const before = process.env.SPW_HOME
  process.env.SPW_HOME = temporaryFolder()
  try {
    const judge = join(temporaryFolder(), 'judge.py')
    writeFileSync(judge, '')
    const options = { experiment: 'custom', scorer: [`command:python ${judge} --x`] }
    const { base } = await sweepOf(options)
    expect(base.experiment).toMatchObject({ scorer: `command:python ${judge} --x` })
    const allowed = readFileSync(join(process.env.SPW_HOME, 'allowed-commands.json'), 'utf8')
    expect(JSON.parse(allowed)).toEqual([JSON.stringify(['command', 'python', judge, '--x'])])
    const relative = await sweepOf({ experiment: 'custom', scorer: ['command:cat package.json'] })
    expect(relative.base.experiment).toMatchObject({
      scorer: `command:${JSON.stringify({ argv: ['cat', join(process.cwd(), 'package.json')], shell: false, seconds: 600 })}`,
    })
  } finally {
    if (before === undefined) delete process.env.SPW_HOME
    else process.env.SPW_HOME = before
  }
})

test('a run starts no program that nobody allowed; allowed, its answers are the score', async () => {
  const home = temporaryFolder()
  const data = join(home, 'pairs.jsonl')
  const pairs = Array.from({ length: 60 }, (_, i) => ({
    prompt: `ask ${i}`,
    completion: ` say ${i}`,
  }))
  writeFileSync(data, pairs.map(pair => JSON.stringify(pair)).join('\n'))
  const judge = join(home, 'judge.mjs')
  writeFileSync(
    judge,
    `let text = ''
for await (const part of process.stdin) text += part
for (const line of text.trim().split('\\n')) {
  const { prompt, expected } = JSON.parse(line)
  console.log(expected === prompt.replace('ask', ' say') ? 0.25 : 1)
}`,
  )
  const scorer = `command:${process.execPath} ${judge}`
  const folder = () =>
    createRun(
      home,
      tinySpec(data, {
        experiment: { kind: 'custom', scorer },
        training: { steps: 1, finalTestBatches: 1 },
        results: { prompts: 1, metricSamples: 3 },
      }),
    )
  const first = await runToEnd(await folder(), home)
  expect(first.state).toMatchObject({ kind: 'failed', fault: { code: 'usage' } })
  await allowScorers(home, sweep(scorer), sweep(scorer), false)
  const second = await folder()
  expect((await runToEnd(second, home)).state).toEqual({ kind: 'done' })
  const { shares, details } = JSON.parse(readFileSync(runFiles(second).behaviour, 'utf8'))
  expect(shares['Score of the command']).toEqual({ sums: [0.25, 0.25, 0.25], counts: [1, 1, 1] })
  expect(details[0].written.length).toBeGreaterThan(0)
})
