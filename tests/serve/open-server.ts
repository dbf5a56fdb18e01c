// A server over the bundled chat model: bare, and with a direct soft prompt of random rows.
import { afterAll } from 'vitest'
import type { Snapshot } from '../../src-worker/contract/snapshot'
import { initialParameters } from '../../src-worker/prompt/init'
import { openCachedModel } from '../../src-worker/sample/cached-model'
import { servedModels } from '../../src-worker/serve/served-model'
import { type ServerOptions, startServer } from '../../src-worker/serve/server'
import { rng } from '../../src-worker/stream/rng'
import { demoSampler } from '../sample/demo-sampler'

export const sampler = await demoSampler('workbench-demo-chat')

async function directPrompt(tokens: number): Promise<Snapshot> {
  const width = sampler.decoder.hiddenSize
  const shape = { type: 'direct' as const, tokens, width, conditions: 0 }
  const parameters = await initialParameters({
    shape: shape as never,
    init: { kind: 'normal', std: 4 },
    rng: rng(1, 'test'),
    embeddings: () => {
      throw new Error('not needed')
    },
    encode: () => [],
  })
  const metadata = { source: 'workbench', model: 'test', shape, conditionNames: [], training: {} }
  return { metadata: metadata as unknown as Snapshot['metadata'], parameters }
}

export const bare = openCachedModel(sampler)
export const prompted = openCachedModel(sampler, { snapshot: await directPrompt(3) })
export const models = servedModels([
  { name: 'bare', model: bare },
  { name: 'prompted', model: prompted },
])

const open: { close(): Promise<void> }[] = []
export async function openServer(options: Partial<ServerOptions> = {}) {
  const server = await startServer(models, { host: '127.0.0.1', port: 0, apiKey: '', ...options })
  open.push(server)
  return server
}

afterAll(async () => {
  for (const server of open) await server.close()
  await sampler.release()
})
