// An OpenAI-compatible server over prompted models: other evaluation tools use them as they use any served model.
import { createServer, type Server as HttpServer } from 'node:http'
import { isIP } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { asFault, Fault, type FaultCode, faultText } from '../contract/fault'
import { sendChat, sendCompletion } from './endpoints'
import { chatRequestSchema, completionRequestSchema, unsupportedField } from './requests'
import type { ServedModel } from './served-model'

export interface ServerOptions {
  /** name or address to listen on; loopback addresses answer to no other name */
  readonly host: string
  /** 0: any free one */
  readonly port: number
  /** empty: no key is needed */
  readonly apiKey: string
}

export interface Server {
  /** base address for clients, ending with /v1 */
  readonly url: string
  close(): Promise<void>
}

/** Batches of long prompts fit; more is refused. */
const largestBody = 32 * 2 ** 20

const statusOf: Partial<Record<FaultCode, 400 | 404>> = {
  usage: 400,
  shape: 400,
  'bad-data': 400,
  'bad-model': 400,
  'not-found': 404,
}

const errorBody = (message: string, type: string, code: string) => ({
  error: { message, type, param: null, code },
})

function faultAnswer(context: Context, error: unknown): Response {
  const fault = asFault(error)
  const status = statusOf[fault.code] ?? 500
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  return context.json(errorBody(faultText(fault), type, fault.code), status)
}

/** Faults: usage (no JSON; a field that is missing, wrong, or that we cannot honour). */
async function parsedBody<T>(schema: z.ZodType<T>, context: Context): Promise<T> {
  // a page in a browser can send text/plain to any address without asking; JSON it cannot
  const type = context.req.header('content-type') ?? ''
  if (!type.startsWith('application/json'))
    throw new Fault('usage', `the content type is ${type || 'missing'}`, 'Send application/json.')
  const body: unknown = await context.req.json().catch(cause => {
    throw new Fault('usage', 'the body is not JSON', 'Send one JSON object.', { cause })
  })
  const parsed = schema.safeParse(body)
  if (!parsed.success) {
    const why = z.prettifyError(parsed.error).replaceAll('\n', ' ')
    throw new Fault('usage', `the request cannot be used: ${why}`, 'Correct the request.')
  }
  const field = unsupportedField(body as Record<string, unknown>)
  if (field !== undefined)
    throw new Fault('usage', `this server does not support ${field}`, `Leave ${field} out.`)
  return parsed.data
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/** Refuses requests that reach a loopback address under another name (DNS rebinding from a web page). */
function loopbackOnly(app: Hono): void {
  app.use(async (context, next) => {
    const name = new URL(context.req.url).hostname.replace(/^\[|\]$/g, '')
    if (isLoopback(name)) return next()
    const message = `${name} is not a name of this server`
    return context.json(errorBody(message, 'invalid_request_error', 'host'), 403)
  })
}

function withKey(app: Hono, apiKey: string): void {
  const message = errorBody('wrong or missing API key', 'authentication_error', 'invalid_api_key')
  app.use(
    bearerAuth({
      token: apiKey,
      noAuthenticationHeader: { message },
      invalidAuthenticationHeader: { message },
      invalidToken: { message },
    }),
  )
}

function routes(app: Hono, models: readonly ServedModel[]): void {
  const created = Math.floor(Date.now() / 1000)
  const entry = ({ name }: ServedModel) => ({
    id: name,
    object: 'model',
    created,
    owned_by: 'soft-prompt-workbench',
  })
  const modelOf = (name: string): ServedModel => {
    const found = models.find(model => model.name === name)
    if (found !== undefined) return found
    const names = models.map(model => model.name).join(', ')
    throw new Fault('not-found', `there is no model ${name} here`, `Use one of: ${names}.`)
  }
  app.get('/v1/models', context => context.json({ object: 'list', data: models.map(entry) }))
  app.get('/v1/models/:name{.+}', context =>
    context.json(entry(modelOf(context.req.param('name')))),
  )
  app.post('/v1/completions', async context => {
    const request = await parsedBody(completionRequestSchema, context)
    return sendCompletion(context, request, modelOf(request.model))
  })
  app.post('/v1/chat/completions', async context => {
    const request = await parsedBody(chatRequestSchema, context)
    return sendChat(context, request, modelOf(request.model))
  })
}

function application(models: readonly ServedModel[], { host, apiKey }: ServerOptions): Hono {
  const app = new Hono()
  if (isLoopback(host)) loopbackOnly(app)
  if (apiKey !== '') withKey(app, apiKey)
  app.use(
    bodyLimit({
      maxSize: largestBody,
      onError: context =>
        context.json(errorBody('more than 32 MB', 'invalid_request_error', 'too_large'), 413),
    }),
  )
  app.onError((error, context) =>
    error instanceof HTTPException ? error.getResponse() : faultAnswer(context, error),
  )
  app.notFound(context =>
    context.json(errorBody(`no ${context.req.path} here`, 'invalid_request_error', 'path'), 404),
  )
  routes(app, models)
  return app
}

function listening(server: HttpServer, { host, port }: ServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      const message = `cannot listen on ${host}, port ${port}: ${cause.message}`
      reject(new Fault('usage', message, 'Choose another port or address.', { cause }))
    })
    server.listen(port, host, () => resolve((server.address() as { port: number }).port))
  })
}

/** Starts listening. Faults: usage (the port is taken, the address is not one of this machine). */
export async function startServer(
  models: readonly ServedModel[],
  options: ServerOptions,
): Promise<Server> {
  const server = createServer(getRequestListener(application(models, options).fetch))
  const port = await listening(server, options)
  const name = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${name}:${port}/v1`,
    close: () =>
      new Promise(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
