// Chess and paths on families that came later: a run from its data to its measures, then a game and a walk with what it learned.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openChessPlayer } from '../../src-worker/behaviours/chess/player'
import { openSituation } from '../../src-worker/behaviours/chess/position'
import { parseBoard } from '../../src-worker/behaviours/paths/boards'
import { openPathSolver, solvePath } from '../../src-worker/behaviours/paths/solver'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { openSampler, type Sampler } from '../../src-worker/sample/prompted'
import { ortRuntime } from '../../src-worker/session/ort'
import { createRun, readSummary, runFiles } from '../../src-worker/train/run-folder'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { runToEnd, tinySpec } from '../train/runs'

/** Queries and keys normalised by head; windows, caps and a scaled embedding. */
const families = ['qwen3', 'gemma2']

const pathOf = (name: string): string => referencePath('reference/families/models', name)

async function samplerOf(name: string): Promise<Sampler> {
  const folder = await openModelFolder(pathOf(name))
  const tokenizer = await openTokenizer(folder.path)
  return openSampler({ runtime: ortRuntime(), folder, tokenizer })
}

const prompt = { type: 'mlp', tokens: 3, hiddenWidth: 8 } as const
const training = { steps: 12, lanes: 4, accumulation: 1, length: 200, testEvery: 6 }

/** What a short run leaves: its soft prompt, and its measures by name. */
async function trained(name: string, behaviour: RunSpecInput) {
  const home = temporaryFolder()
  const results = { prompts: 0, metricSamples: 2 }
  const spec = { ...behaviour, model: pathOf(name), prompt, training, results }
  const folder = await createRun(home, tinySpec('', spec))
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const { metrics } = await readSummary(folder, new Set())
  expect(metrics.Loss!.last).toBeLessThan(metrics.Loss!.max!)
  expect(metrics['Final Test Loss Average']!.last).toBeGreaterThan(0)
  return { snapshot: await openSnapshot(runFiles(folder).snapshot), metrics }
}

test.each(families)('chess on %s: trained on games, measured, and played', async name => {
  const data = { path: join(referencePath('data'), 'lichess_sample.pgn.zst'), holdout: 0.2 }
  const { snapshot, metrics } = await trained(name, { experiment: { kind: 'chess' }, data })
  expect(metrics['Legal move rate']!.last).toBeGreaterThanOrEqual(0)
  const sampler = await samplerOf(name)
  const player = await openChessPlayer(sampler, { snapshot })
  const moves = ['e2e4', 'e7e5']
  const { moves: found, illegalMass } = await player.distribution({
    ...{ moves, whiteElo: 2000, blackElo: 1200 },
  })
  const { legal } = openSituation({ moves })
  expect(found.map(move => move.uci).sort()).toEqual(legal.map(move => move.uci).sort())
  const sum = found.reduce((total, { probability }) => total + probability, 0)
  expect(sum + illegalMass).toBeCloseTo(1, 5)
  await sampler.release()
})

const board = 'O O O O\nO A O O\nO X O O\nO O O B'

test.each(families)('paths on %s: trained on walks, measured, and walked', async name => {
  const experiment = { kind: 'pathfinding' } as const
  const { snapshot, metrics } = await trained(name, { experiment, data: { path: 'procedural' } })
  expect(Object.keys(metrics).length).toBeGreaterThan(5)
  const sampler = await samplerOf(name)
  const solver = await openPathSolver(sampler, { snapshot })
  const query = {
    ...{ maze: parseBoard(board), format: { spaces: true, movesLine: true }, moves: [] },
    ...{ extraMoves: 1, wallHits: 0, constrained: true, temperature: 0, seed: 0, steps: 6 },
  }
  const letters = await solver.next(query)
  expect(Object.values(letters).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
  const { steps, result, optimum } = await solvePath(solver, query)
  expect(steps.length).toBeGreaterThan(0)
  expect(steps.some(step => step.hit)).toBe(false)
  expect(result.wallHits).toBe(0)
  expect(optimum).toBe(4)
  await sampler.release()
})
