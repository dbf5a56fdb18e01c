// A server over the bundled chat model: bare, and with a direct soft prompt of random rows.
import type { Snapshot } from '../../src-worker/contract/snapshot'
import { initialParameters } from '../../src-worker/prompt/init'
import { openCachedModel } from '../../src-worker/sample/cached-model'
import type { Sampler } from '../../src-worker/sample/prompted'
import { servedModels } from '../../src-worker/serve/served-model'
import { type ServerOptions, startServer } from '../../src-worker/serve/server'
import { rng } from '../../src-worker/stream/rng'
import { atEndOfFile } from '../clean-up'
import { demoSampler } from '../sample/demo-sampler'

async function directPrompt(sampler: Sampler, tokens: number): Promise<Snapshot> {
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

/** The two models, and servers over them that end with the file. */
export async function openServing() {
  const sampler = await demoSampler('workbench-demo-chat')
  atEndOfFile(() => sampler.release())
  const bare = openCachedModel(sampler)
  const prompted = openCachedModel(sampler, { snapshot: await directPrompt(sampler, 3) })
  const models = servedModels([
    { name: 'bare', model: bare },
    { name: 'prompted', model: prompted },
  ])
  const openServer = async (options: Partial<ServerOptions> = {}) => {
    const server = await startServer(models, { host: '127.0.0.1', port: 0, apiKey: '', ...options })
    atEndOfFile(() => server.close())
    return server
  }
  return { sampler, prompted, models, openServer }
}
