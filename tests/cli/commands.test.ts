// The command line as people and programs use it: exit codes, JSON on the standard output, faults with their fix.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shownText } from '../../src-worker/contract/shown-text'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { writeTexts } from '../train/runs'
import { type Said, spw, start } from './spw'

const tiny = (home: string): string[] => [
  ...['--experiment', 'skip-tokens:1', '--model', referencePath('models/tiny-neox')],
  ...['--data', writeTexts(home), '--holdout', '0.2', '--init', 'vocabulary', '--device', 'cpu'],
  ...['--steps', '6', '--lanes', '2', '--length', '16', '--final-test-batches', '1'],
  ...['--results', '1', '--result-tokens', '3', '--metric-samples', '0'],
]

/** What is said to somebody who types these lines. */
async function typed(home: string, lines: string, ...args: string[]): Promise<Said> {
  const { child, ended } = await start(home, ...args)
  child.stdin?.end(lines)
  return ended
}

test('a game in the terminal: moves in both spellings, takeback, a PGN', async () => {
  const home = temporaryFolder()
  const pgn = join(home, 'a game.pgn')
  const game = [
    'chess',
    'play',
    '--model',
    referencePath('models/workbench-demo-base'),
    '--pgn',
    pgn,
  ]
  const lines = 'e4\nbad\n--\ntakeback\nd2d4\nquit\n'
  const { code, out, err } = await typed(home, lines, ...game, '--choose', 'argmax', '--json')
  expect(err).not.toContain('usage:')
  expect(err).toContain('-- is no legal move')
  expect(code).toBe(0)
  expect(JSON.parse(out).moves[0]).toBe('d2d4')
  expect(readFileSync(pgn, 'utf8')).toContain('1. d4')
})

test('every command explains itself', async () => {
  const home = temporaryFolder()
  const { out, code } = await spw(home, '--help')
  expect(code).toBe(0)
  const names = [...out.matchAll(/^ {2}([a-z]+)\b/gm)].map(m => m[1] as string)
  const wanted =
    'demo train sweep resume fork runs show eval sample convert devices plan verify chess uci path analyze report freeze import gpu'
  for (const name of wanted.split(' ')) expect(names).toContain(name)
  for (const name of ['train', 'sample', 'chess', 'verify'])
    expect((await spw(home, name, '--help')).out).toMatch(/--json|--[a-z]/)
})

test('wrong usage is 2, a fault is 1 and names the fix, also as JSON', async () => {
  const home = temporaryFolder()
  expect((await spw(home, 'nonsense')).code).toBe(2)
  expect(
    (await spw(home, 'train', '--steps', 'many', '--experiment', 'chess', '--model', 'm')).code,
  ).toBe(2)
  const missing = await spw(home, 'show', 'nothing')
  expect(missing.code).toBe(1)
  expect(missing.err).toMatch(/not-found: no run is called nothing\nTake an id from `spw runs`\./)
  const json = await spw(home, 'show', 'nothing', '--json')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.out)).toMatchObject({ fault: { code: 'not-found' } })
})

test('train, show, sample, eval, convert, analyze, report: one after another on one home', async () => {
  const home = temporaryFolder()
  expect((await spw(home, 'runs')).out).toContain('No runs yet')
  const trained = await spw(home, 'train', ...tiny(home), '--tokens', '2', '--json')
  expect(trained.code).toBe(0)
  const { run, folder, finalTestLoss } = JSON.parse(trained.out)
  expect(finalTestLoss).toBeGreaterThan(0)
  expect(JSON.parse((await spw(home, 'runs', '--json')).out)).toMatchObject([
    { id: run, state: { kind: 'done' }, step: 6 },
  ])
  const shown = (await spw(home, 'show', run)).out
  expect(shown).toContain('spw train --experiment skip-tokens:1')
  expect(shown).toMatch(/Final Test Loss Average/)

  const snapshot = join(folder, 'snapshot.safetensors')
  const ask = [
    'sample',
    '--snapshot',
    snapshot,
    '--prompt',
    'the',
    '--max-tokens',
    '5',
    '--seed',
    '4',
  ]
  const text = JSON.parse((await spw(home, ...ask, '--json')).out)
  expect(text.samples.length).toBe(1)
  expect((await spw(home, ...ask)).out).toBe(`${shownText(text.samples[0].text)}\n`)

  const evaluated = await spw(home, 'eval', '--snapshot', snapshot, '--json')
  expect(JSON.parse(evaluated.out)).toMatchObject({
    finalTestLoss,
    run: expect.stringContaining('evaluation-of-'),
  })

  const adapter = join(home, 'adapter')
  expect((await spw(home, 'convert', snapshot, adapter)).code).toBe(0)
  expect(JSON.parse(readFileSync(join(adapter, 'adapter_config.json'), 'utf8'))).toMatchObject({
    num_virtual_tokens: 2,
  })
  const back = join(home, 'back.safetensors')
  expect((await spw(home, 'convert', adapter, back)).code).toBe(0)
  expect(
    (
      await spw(
        home,
        'sample',
        '--snapshot',
        back,
        '--model',
        referencePath('models/tiny-neox'),
        '--prompt',
        'the',
        '--max-tokens',
        '5',
        '--seed',
        '4',
      )
    ).out,
  ).toBe(`${shownText(text.samples[0].text)}\n`)

  const analysis = JSON.parse((await spw(home, 'analyze', run, '--json', '--draws', '20')).out)
  expect(analysis.curves.length).toBeGreaterThan(0)
  const report = join(home, 'out', 'report.html')
  expect((await spw(home, 'report', run, '--out', report, '--draws', '20')).code).toBe(0)
  expect(readFileSync(report, 'utf8')).toContain('spw ')
})

test('a sweep runs what is missing, and a frozen one says which it is', async () => {
  const home = temporaryFolder()
  const grid = [...tiny(home), '--tokens', '0', '1', '--seed', '1', '2']
  const frozen = JSON.parse(
    (await spw(home, 'freeze', ...grid, '--threshold', '90%', '--json')).out,
  )
  const first = await spw(home, 'sweep', '--spec', frozen.path, '--json')
  expect(first.code).toBe(0)
  const ended = JSON.parse(first.out)
  expect(ended.map((e: { state: { kind: string } }) => e.state.kind)).toEqual(Array(4).fill('done'))
  const again = await spw(home, 'sweep', '--spec', frozen.path)
  expect(again.out.match(/done already/g)?.length).toBe(4)
  const runs = JSON.parse((await spw(home, 'runs', '--json')).out)
  expect(runs.length).toBe(4)
  expect(runs[0].sweep).toContain(`[frozen ${frozen.hash.slice(0, 12)}]`)
}, 120_000)

test.runIf(process.platform !== 'win32')(
  'SIGINT: checkpoint, exit 130; resume ends it',
  async () => {
    const home = temporaryFolder()
    const spec = join(home, 'spec.json')
    const planned = await spw(home, 'train', ...tiny(home), '--tokens', '2', '--json')
    const { folder } = JSON.parse(planned.out)
    const made = JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8'))
    writeFileSync(
      spec,
      JSON.stringify({ ...made, seed: 9, training: { ...made.training, steps: 400 } }),
    )
    const { child, said, ended } = await start(home, 'train', '--spec', spec)
    child.stdout?.on('data', chunk => {
      if (String(chunk).includes('held-out loss')) child.kill('SIGINT')
    })
    const { code } = await ended
    expect(code, said()).toBe(130)
    const runs = JSON.parse((await spw(home, 'runs', '--json')).out)
    const stopped = runs.find((r: { spec: { seed: number } }) => r.spec.seed === 9)
    expect(stopped.state.kind).toBe('stopped')
    const resumed = await spw(home, 'resume', stopped.id, '--json')
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.out).state.kind).toBe('done')
  },
  120_000,
)

test('plan: memory, time and disk; library; devices; chess and path answer in JSON', async () => {
  const home = temporaryFolder()
  const plan = JSON.parse(
    (await spw(home, 'plan', ...tiny(home), '--tokens', '1', '4', '--json')).out,
  )
  expect(plan.cells.length).toBe(2)
  expect(plan.memory.totalBytes).toBeGreaterThan(0)
  const of = tiny(home).map(arg => (arg === referencePath('models/tiny-neox') ? 'demo-base' : arg))
  const unknown = await spw(home, 'plan', ...of, '--tokens', '1')
  expect(unknown.code).toBe(1)
  expect(unknown.out).toMatch(/^demo-base, 1 token: no model demo-base: .*Did you mean workbench-/)
  // nothing is planned of what cannot start, and no fault is said twice
  expect(unknown.out).not.toMatch(/memory|warning/)
  expect((await spw(home, 'models')).out).toMatch(/^workbench-demo-base +gpt-neox +5\.79 M/m)
  expect((await spw(home, 'datasets')).out).toMatch(/games .*lichess_demo\.pgn\.zst$/m)
  expect(JSON.parse((await spw(home, 'devices', '--json')).out)[0]).toMatchObject({
    id: 'cpu',
    fault: null,
  })
  const model = ['--model', 'workbench-demo-base', '--start-token']
  const chess = JSON.parse(
    (await spw(home, 'chess', ...model, '--moves', 'e2e4', '--top', '3', '--json')).out,
  )
  expect(chess.moves.length).toBe(3)
  const path = JSON.parse(
    (await spw(home, 'path', ...model, '--size', '4x6', '--seed', '2', '--json')).out,
  )
  expect(path.board).toMatchObject({ width: 4, height: 6 })
  expect((await spw(home, 'path', ...model, '--size', '1x99')).code).toBe(2)
})
