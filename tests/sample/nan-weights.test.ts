// One NaN in one tensor of the weights: every way to use a model says so, and none answers with a number.
import { describe, expect, test } from 'vitest'
import { openChessPlayer } from '../../src-worker/behaviours/chess/player'
import { parseBoard } from '../../src-worker/behaviours/paths/boards'
import { openPathSolver } from '../../src-worker/behaviours/paths/solver'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { openCachedModel } from '../../src-worker/sample/cached-model'
import { generate } from '../../src-worker/sample/generate'
import { openSampler, type Sampler } from '../../src-worker/sample/prompted'
import { nextTokenLogProbs, scoreContinuations } from '../../src-worker/sample/score'
import { servedModels } from '../../src-worker/serve/served-model'
import { startServer } from '../../src-worker/serve/server'
import { textScores } from '../../src-worker/serve/text-scores'
import { ortRuntime } from '../../src-worker/session/ort'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { spw } from '../cli/spw'
import { temporaryFolder } from '../temporary'
import { nanModel } from './nan-model'

const tensors = ['layers.0.mlp', 'final_layer_norm.weight', 'embed_out']

const picks = { topP: 1, topK: 0, minP: 0, repetitionPenalty: 1, maxTokens: 3 }
const slots = [5, 6, 7]

async function generated(sampler: Sampler, temperature: number): Promise<void> {
  const options = { ...picks, temperature, seed: 0, stopIds: [] }
  for await (const _ of generate(sampler, [{ slots }], options));
}

const query = {
  ...{ maze: parseBoard('A O\nO B'), format: { spaces: true, movesLine: true }, moves: [] },
  ...{ extraMoves: 0, wallHits: 0, constrained: true, temperature: 0, seed: 0, steps: 4 },
}

const uses: readonly [string, number, (sampler: Sampler) => Promise<unknown>][] = [
  ['greedy text', 0, sampler => generated(sampler, 0)],
  ['sampled text', 0, sampler => generated(sampler, 1)],
  ['greedy text, many steps a run', 4, sampler => generated(sampler, 0)],
  ['the next token', 0, sampler => nextTokenLogProbs(sampler, { slots })],
  ['continuations', 0, sampler => scoreContinuations(sampler, { slots }, [[8, 9], [10]])],
  [
    'the log-probabilities of a text',
    0,
    ({ decoder }) => textScores(decoder, { slots }, 0, new AbortController().signal),
  ],
  [
    'chess moves',
    0,
    async sampler => {
      const player = await openChessPlayer(sampler, { startToken: true })
      return player.distribution({ moves: [], whiteElo: 1500, blackElo: 1500 })
    },
  ],
  ['paths', 0, async sampler => (await openPathSolver(sampler, { startToken: true })).next(query)],
]

async function withSampler<T>(
  tensor: string,
  stepsPerRun: number,
  work: (sampler: Sampler) => Promise<T>,
): Promise<T> {
  const folder = await openModelFolder(nanModel(temporaryFolder(), tensor))
  const tokenizer = await openTokenizer(folder.path)
  const sampler = await openSampler({ runtime: ortRuntime(), folder, tokenizer, stepsPerRun })
  try {
    return await work(sampler)
  } finally {
    await sampler.release()
  }
}

describe.each(tensors)('NaN in %s', tensor => {
  test.each(uses)('%s', async (_, stepsPerRun, use) => {
    await expect(withSampler(tensor, stepsPerRun, use)).rejects.toMatchObject({
      code: 'diverged',
      message: 'the logits are not finite numbers',
      fix: 'Check the weights of the model, and the snapshot: its training may have diverged.',
    })
  })
})

test('the server answers 500 with the fault and its fix', async () => {
  await withSampler('layers.0.mlp', 0, async sampler => {
    const models = servedModels([{ name: 'nan', model: openCachedModel(sampler) }])
    const server = await startServer(models, { host: '127.0.0.1', port: 0, apiKey: '' })
    const ask = (body: object) =>
      fetch(`${server.url}/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'nan', prompt: 'Hello', max_tokens: 2, ...body }),
      })
    try {
      for (const body of [{}, { temperature: 0 }, { echo: true, logprobs: 1, max_tokens: 0 }]) {
        const answer = await ask(body)
        expect(answer.status).toBe(500)
        expect(await answer.json()).toMatchObject({
          error: { code: 'diverged', message: /^the logits are not finite numbers\. Check/ },
        })
      }
    } finally {
      await server.close()
    }
  })
})

test.each([
  ['chess', '--moves', 'e2e4'],
  ['chess', 'play', '--colour', 'black'],
  ['path', '--size', '4x4'],
  ['sample', '--prompt', 'Hello'],
  ['uci'],
])('spw %j', { timeout: 60_000 }, async (...command) => {
  const home = temporaryFolder()
  const model = nanModel(temporaryFolder(), 'layers.0.mlp')
  const { code, out, err } = await spw(home, ...command, '--model', model, '--start-token')
  expect(code).toBe(1)
  expect(out).not.toMatch(/NaN|bestmove/)
  expect(err).toContain('the logits are not finite numbers')
  expect(err).toContain('Check the weights of the model')
})
