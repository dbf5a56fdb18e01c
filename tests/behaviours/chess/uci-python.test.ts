// `spw uci` as a real process under python-chess, through whole games. Skipped, with the reason, where Python or
// PyPI are out of reach.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { referencePath } from '../../reference-path'
import { bundle } from '../../setup/bundle.mjs'
import { temporaryFolder } from '../../temporary'

const run = promisify(execFile)
const root = resolve(__dirname, '../../..')
const model = referencePath('models/workbench-demo-base')

/** python with python-chess in a virtual environment of its own, or why there is none. */
async function pythonWithChess(): Promise<{ python: string } | { reason: string }> {
  const venv = join(root, '.cache/python-chess')
  const python = join(venv, 'bin/python')
  try {
    if (!existsSync(python)) {
      mkdirSync(join(root, '.cache'), { recursive: true })
      await run('python3', ['-m', 'venv', venv])
    }
    const known = await run(python, ['-c', 'import chess.engine']).catch(() => undefined)
    if (known === undefined) await run(python, ['-m', 'pip', 'install', '-q', 'chess==1.11.2'])
    return { python }
  } catch (error) {
    return { reason: `no python-chess: ${(error as Error).message.split('\n')[0]}` }
  }
}

let found: { python: string } | { reason: string }
let cli: string
beforeAll(async () => {
  found = await pythonWithChess()
  cli = await bundle(join(root, 'src-worker/cli.ts'))
}, 300_000)

test('python-chess plays whole games with it and finds no fault', async context => {
  if ('reason' in found) return context.skip(found.reason)
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
