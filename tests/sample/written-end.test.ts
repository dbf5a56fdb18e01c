// A tokenizer whose post-processor ends every text: what is to be gone on from does not end so, in games, on boards and on the server.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChessPlayer } from '../../src-worker/behaviours/chess/player'
import { parseBoard } from '../../src-worker/behaviours/paths/boards'
import { openPathSolver } from '../../src-worker/behaviours/paths/solver'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { openCachedModel } from '../../src-worker/sample/cached-model'
import type { Sampler } from '../../src-worker/sample/prompted'
import { servedModels } from '../../src-worker/serve/served-model'
import { startServer } from '../../src-worker/serve/server'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { demoSampler } from './demo-sampler'

const name = 'workbench-demo-base'

/** The demo model's tokenizer, which writes its end token behind every text. */
async function endingTokenizer() {
  const source = referencePath('models', name)
  const folder = join(temporaryFolder(), name)
  mkdirSync(folder)
  for (const file of ['config.json', 'tokenizer_config.json', 'tokenizer.json'])
    writeFileSync(join(folder, file), readFileSync(join(source, file)))
  const path = join(folder, 'tokenizer.json')
  const tokenizer = JSON.parse(readFileSync(path, 'utf8'))
  const [{ id, content }] = tokenizer.added_tokens
  const template = [
    { Sequence: { id: 'A', type_id: 0 } },
    { SpecialToken: { id: content, type_id: 0 } },
  ]
  tokenizer.post_processor = {
    type: 'TemplateProcessing',
    single: template,
    pair: [...template, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
  }
  writeFileSync(path, JSON.stringify(tokenizer))
  return openTokenizer(folder)
}

let plain: Sampler
let ending: Sampler
beforeAll(async () => {
  plain = await demoSampler(name)
  ending = { ...plain, tokenizer: await endingTokenizer() }
})
afterAll(() => plain.release())

/** What both answer. */
const both = <T>(answer: (sampler: Sampler) => Promise<T>): Promise<[T, T]> =>
  Promise.all([answer(plain), answer(ending)])

test('the tokenizer does end its texts', async () => {
  const [own, ended] = await both(({ tokenizer }) => tokenizer.encode('e2e4 e7e5'))
  expect(ended).toEqual([...own, plain.tokenizer.eosTokenId])
})

describe('the same is expected behind', () => {
  test('a game', async () => {
    const query = { moves: ['e2e4', 'e7e5'], whiteElo: 1500, blackElo: 1500 }
    const [own, ended] = await both(async sampler =>
      (await openChessPlayer(sampler)).distribution(query),
    )
    expect(own.moves.length).toBeGreaterThan(20)
    expect(ended).toEqual(own)
  })

  test('a board', async () => {
    const maze = parseBoard('A O\nO B')
    const format = { spaces: true, movesLine: true }
    const query = {
      maze,
      format,
      moves: ['S'] as const,
      extraMoves: 0,
      wallHits: 0,
      constrained: false,
    }
    const options = { temperature: 0, seed: 0, steps: 4 }
    const [own, ended] = await both(async sampler =>
      (await openPathSolver(sampler)).next({ ...query, ...options }),
    )
    expect(own.E + own.N + own.S + own.W).toBeGreaterThan(0)
    expect(ended).toEqual(own)
  })

  test('a prompt on the server', async () => {
    const [own, ended] = await both(async sampler => {
      const models = servedModels([{ name, model: openCachedModel(sampler) }])
      const server = await startServer(models, { host: '127.0.0.1', port: 0, apiKey: '' })
      const asked = { model: name, prompt: 'e2e4 e7e5', temperature: 0, max_tokens: 4 }
      const answer = await fetch(`${server.url}/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(asked),
      })
      const { choices, usage } = (await answer.json()) as {
        readonly choices: readonly { readonly text: string }[]
        readonly usage: { readonly prompt_tokens: number }
      }
      await server.close()
      return { text: choices[0]?.text, tokens: usage.prompt_tokens }
    })
    expect(own.tokens).toBeGreaterThan(1)
    expect(ended).toEqual(own)
  })
})
