// The two endpoints: one JSON answer, or a stream of server-sent events that ends with [DONE].
import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { asFault, faultText } from '../contract/fault'
import {
  chatChoice,
  chatDelta,
  completionChoice,
  completionDelta,
  type Envelope,
  type Usage,
  usageOf,
} from './answers'
import { type ChatAnswer, chat } from './chat'
import { type CompletionPart, complete } from './completions'
import type { ChatRequest, CompletionRequest } from './requests'
import type { ServedModel } from './served-model'

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

const envelope = (kind: 'cmpl' | 'chatcmpl', object: string, model: ServedModel): Envelope => ({
  id: `${kind}-${randomUUID()}`,
  object,
  created: Math.floor(Date.now() / 1000),
  model: model.name,
})

type Send = (event: object) => void

/** Faults become an event: the status has been sent by then. `signal` ends when the client goes away. */
function eventStream(
  context: Context,
  work: (send: Send, signal: AbortSignal) => Promise<void>,
): Response {
  return streamSSE(context, async stream => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    let written: Promise<unknown> = Promise.resolve()
    const send: Send = event => {
      written = written.then(() => stream.writeSSE({ data: JSON.stringify(event) }))
    }
    await work(send, gone.signal).catch(error => {
      const fault = asFault(error)
      const { code } = fault
      send({ error: { message: faultText(fault), type: 'server_error', param: null, code } })
    })
    await written
    await stream.writeSSE({ data: '[DONE]' })
  })
}

const completionUsage = (parts: readonly CompletionPart[]): Usage =>
  usageOf(
    sum(parts.map(part => part.promptTokens)),
    sum(parts.map(part => part.choice.tokens.length)),
  )

export async function sendCompletion(
  context: Context,
  request: CompletionRequest,
  model: ServedModel,
): Promise<Response> {
  const withLogProbs = typeof request.logprobs === 'number'
  const head = envelope('cmpl', 'text_completion', model)
  if (request.stream !== true) {
    const parts = await complete(request, model, context.req.raw.signal)
    const choices = parts.map((part, index) => completionChoice(part, index, withLogProbs))
    return context.json({ ...head, choices, usage: completionUsage(parts) })
  }
  return eventStream(context, async (send, signal) => {
    const parts = await complete(request, model, signal, (index, delta) =>
      send({ ...head, choices: [completionDelta(delta, index, withLogProbs)] }),
    )
    for (const [index, { choice }] of parts.entries()) {
      const end = { index, text: '', finish_reason: choice.finish, logprobs: null }
      send({ ...head, choices: [end] })
    }
    if (request.stream_options?.include_usage === true)
      send({ ...head, choices: [], usage: completionUsage(parts) })
  })
}

const chatUsage = ({ promptTokens, choices }: ChatAnswer): Usage =>
  usageOf(promptTokens, sum(choices.map(choice => choice.tokens.length)))

export async function sendChat(
  context: Context,
  request: ChatRequest,
  model: ServedModel,
): Promise<Response> {
  const withLogProbs = request.logprobs === true
  if (request.stream !== true) {
    const answer = await chat(request, model, context.req.raw.signal)
    const choices = answer.choices.map((choice, i) => chatChoice(choice, i, withLogProbs))
    const head = envelope('chatcmpl', 'chat.completion', model)
    return context.json({ ...head, choices, usage: chatUsage(answer) })
  }
  const head = envelope('chatcmpl', 'chat.completion.chunk', model)
  return eventStream(context, async (send, signal) => {
    const delta = { role: 'assistant', content: '' }
    for (let index = 0; index < (request.n ?? 1); index++)
      send({ ...head, choices: [{ index, delta, finish_reason: null }] })
    const answer = await chat(request, model, signal, (index, part) =>
      send({ ...head, choices: [chatDelta(part, index, withLogProbs)] }),
    )
    for (const [index, { finish }] of answer.choices.entries())
      send({ ...head, choices: [{ index, delta: {}, finish_reason: finish }] })
    if (request.stream_options?.include_usage === true)
      send({ ...head, choices: [], usage: chatUsage(answer) })
  })
}
