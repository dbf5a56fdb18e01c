// The control of a run on games, as the page of a run asks for it: random games are made, trained on and read against. It takes
// seconds, for it trains and reads two runs.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chess } from '../../src-worker/behaviours/chess/index'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { rng } from '../../src-worker/stream/rng'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { openEngine } from './open-engine'

/** Short games, as a file that chess reads. */
async function gamesIn(home: string): Promise<string> {
  const { control } = chess
  if (control.kind !== 'data') throw new Error('no control')
  const uci = 'e2e4 e7e5 g1f3 b8c6 f1b5 a7a6 b5a4 g8f6 e1g1 f8e7'
  const like = Array.from({ length: 60 }, () => ({ whiteElo: 1500, blackElo: 1500, uci }))
  const path = join(home, 'games.pgn')
  const spec = resolveSpec({ experiment: { kind: 'chess' }, model: 'x', data: { path } })
  const games = [...control.shuffled(like, rng(1, 'games'))]
  await writeFile(path, games.map(game => control.text(game, spec.experiment)).join(''))
  return path
}

test('chess: a control of random games is trained and read beside its run', async () => {
  const home = temporaryFolder()
  const path = await gamesIn(home)
  const { call, until } = await openEngine(home)
  const training = { steps: 2, lanes: 2, accumulation: 1, length: 32, finalTestBatches: 0 }
  const base = {
    experiment: { kind: 'chess' as const },
    model: referencePath('models/tiny-neox'),
    data: { path },
    prompt: { type: 'direct' as const, tokens: 1, init: { kind: 'vocabulary' as const } },
    training: { ...training, testEvery: 0 },
    results: { prompts: 0, metricSamples: 0 },
    device: 'cpu',
  }
  const axes = { models: [], datasets: [], tokens: [], seeds: [] }
  const { runs } = await call('startSweep', { sweep: { base, ...axes }, frozen: '' })
  const { id } = await until(runs[0] ?? '', ({ state }) => state.kind === 'done')
  const made = await call('startControl', { request: 'control', id })
  expect(made.words).toBe('games of random legal moves')
  const control = await until(made.run, ({ state }) => ['done', 'failed'].includes(state.kind))
  expect(control).toMatchObject({ behaviour: 'control of chess', state: { kind: 'done' } })
  const answer = await call('bits', { request: 'bits', id, control: made.run })
  expect(answer).toMatchObject({ run: id, control: made.run, trainedSteps: 2 })
}, 120_000)
