// A process of its own for the server: it holds its models for as long as it runs, and its load and death are its own.
import type { ServeRequest, ServerState } from '../contract/serve'
import { answerParent } from '../ports/own'
import { openCachedModel } from '../sample/cached-model'
import { chatDay } from '../sample/chat-day'
import { servedModels } from '../serve/served-model'
import { type Server, startServer } from '../serve/server'
import type { Places } from '../train/home'
import { newOwner } from '../train/lease'
import { openContext } from './context'
import { openPromptedModels } from './prompted-models'

export interface ServeProcess {
  /** Faults: those of opening a model or a snapshot; usage (the port is taken). */
  start(places: Places, request: ServeRequest): Promise<ServerState>
}

let close: () => Promise<void> = async () => undefined

const functions: ServeProcess = {
  start: async (places, { models, ...options }) => {
    const context = openContext(places, newOwner(), () => undefined)
    // all stay open: a request must not wait for a model that another request put away
    const promptedModels = openPromptedModels(context, { mostWarm: models.length })
    let server: Server | undefined
    close = async () => {
      await server?.close()
      await promptedModels.unload()
    }
    const opened: { name: string; model: ReturnType<typeof openCachedModel> }[] = []
    for (const { name, promptedModel } of models) {
      const { sampler, snapshot } = await promptedModels.open(promptedModel)
      const { startToken } = promptedModel
      const model = openCachedModel(sampler, { startToken, ...(snapshot && { snapshot }) })
      opened.push({ name, model })
    }
    server = await startServer(servedModels(opened), options)
    const notes = opened.flatMap(({ name, model: { sampler, snapshot } }) => {
      const { note } = chatDay(sampler.folder.chatTemplate, snapshot)
      return note === '' ? [] : [`${name}: ${note}`]
    })
    return { url: server.url, models: models.map(model => model.name), notes }
  },
}

answerParent(functions, () => close())
