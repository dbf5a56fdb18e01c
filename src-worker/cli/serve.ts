// spw serve: prompted models behind an OpenAI-compatible address, until Ctrl-C.
import { basename, dirname } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../contract/fault'
import { type ServeRequest, type ServerState, serveRequestSchema } from '../contract/serve'
import { withWorkbench } from './engine'
import { numberFrom, parsedFlags } from './parsed-options'
import { action, exitCodes, type Terminal } from './terminal'

interface Options {
  readonly snapshot?: readonly string[]
  readonly model?: string
  readonly startToken?: boolean
  readonly host: string
  readonly port: string
  readonly apiKey: string
}

/** NAME=PATH, or a path: then its run, or its own name, is the model's name. */
function named(text: string): { readonly name: string; readonly path: string } {
  const [, name, path] = /^([^=/\\]+)=(.+)$/.exec(text) ?? []
  if (name !== undefined && path !== undefined) return { name, path }
  const file = basename(text).replace(/\.safetensors$/, '')
  return { name: file === 'snapshot' ? basename(dirname(text)) : file, path: text }
}

function requestOf(options: Options): ServeRequest {
  const { snapshot: snapshots = [], model = '', startToken = false } = options
  if (snapshots.length === 0 && model === '')
    throw new Fault('usage', 'neither --snapshot nor --model is given', 'Name one of them.')
  const soft = snapshots.map(named).map(({ name, path }) => ({
    name,
    promptedModel: { model, snapshot: path, startToken },
  }))
  const bare = { name: basename(model), promptedModel: { model, snapshot: '', startToken } }
  const asked = {
    models: model === '' ? soft : [...soft, bare],
    host: options.host,
    port: numberFrom('port', options.port),
    apiKey: options.apiKey,
  }
  return parsedFlags(serveRequestSchema, asked, { models: 'snapshot' })
}

function describe({ url, models }: ServerState): string {
  const example = JSON.stringify({ model: models[0], prompt: 'Once upon a time', max_tokens: 32 })
  return `${url} answers as ${models.join(', ')}. Try it:
  curl ${url}/completions -H 'content-type: application/json' -d '${example}'
Ctrl-C ends it.`
}

const untilInterrupted = (): Promise<void> =>
  new Promise(done => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })

async function serveCommand(terminal: Terminal, options: Options): Promise<number> {
  const request = requestOf(options)
  await withWorkbench(async ({ api }) => {
    const interrupted = untilInterrupted()
    terminal.progress('opening the models', null)
    const state = await api.startServing(request)
    if (request.apiKey === '' && !/^(127\.|localhost$|::1$)/.test(request.host))
      terminal.say('Everybody who reaches this address can use it: --api-key asks for a key.')
    for (const note of state.notes) terminal.say(note)
    terminal.answer(state, describe(state))
    await interrupted
    await api.stopServing({})
  })
  return exitCodes.done
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('an OpenAI-compatible server, so that other tools can use prompted models')
    .option('--snapshot <paths...>', 'snapshots, each PATH or NAME=PATH')
    .option('--model <folder>', "model, also served bare; default: the snapshot's")
    .option('--start-token', "put the tokenizer's start token first")
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port; 0: any free one', '8000')
    .option('--api-key <key>', 'key that clients must send', '')
    .action(action(serveCommand))
}
