// `spw uci` as a real process under python-chess, through whole games. Skipped, with the reason, where Python or
// PyPI are out of reach.
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { pythonWith } from '../../python-packages'
import { referencePath } from '../../reference-path'
import { bundle } from '../../setup/bundle.mjs'
import { temporaryFolder } from '../../temporary'

const run = promisify(execFile)
const root = resolve(__dirname, '../../..')
const model = referencePath('models/workbench-demo-base')

const found = pythonWith(join(root, '.cache/python-chess'), ['chess==1.11.2'])
let cli: string
beforeAll(async () => {
  cli = await bundle(join(root, 'src-worker/cli.ts'))
})

test('python-chess plays whole games with it and finds no fault', async context => {
  if ('missing' in found) return context.skip(found.missing)
  const env = { ...process.env, SPW_HOME: temporaryFolder() }
  const engine = [process.execPath, cli, 'uci', '--model', model, '--start-token']
  const script = join(root, 'tests/behaviours/chess/drive_uci.py')
  const { stdout } = await run(found.python, [script, ...engine], { env })
  const reported = JSON.parse(stdout) as {
    games: string[][]
    probabilities: Record<string, number>
    mated: string | null
    problems: string[]
  }
  expect(reported.problems).toEqual([])
  expect(reported.games.every(moves => moves.length > 10)).toBe(true)
  expect(reported.games[0]).not.toEqual(reported.games[1])
  expect(['0000', null]).toContain(reported.mated)

  const entries = Object.entries(reported.probabilities)
  expect(entries).toHaveLength(5)
  expect(entries.reduce((sum, [, p]) => sum + p, 0)).toBeLessThanOrEqual(1)
  const asked = ['chess', '--model', model, '--start-token', '--json', '--top', '5']
  // Black is to move: the engine's own Elo is Black's
  const elos = ['--white-elo', '1200', '--black-elo', '1800']
  const moves = ['--moves', 'e2e4 e7e5 g1f3']
  const answer = await run(process.execPath, [cli, ...asked, ...elos, ...moves], { env })
  const { moves: same } = JSON.parse(answer.stdout) as {
    moves: { uci: string; probability: number }[]
  }
  for (const { uci, probability } of same)
    expect(reported.probabilities[uci]).toBeCloseTo(probability, 4)
}, 600_000)
