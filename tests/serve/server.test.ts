// The server, asked by OpenAI's own client, and by plain HTTP where no client would ask so.
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { scoreContinuations } from '../../src-worker/sample/score'
import { openServing } from './open-server'

const { models, openServer, prompted, sampler } = await openServing()
const server = await openServer()
const client = new OpenAI({ baseURL: server.url, apiKey: 'unused', maxRetries: 0 })
const greedy = { temperature: 0, max_tokens: 8 } as const
const prompt = '[White "Carlsen"]\n\n1. e4'

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('models', () => {
  test('are listed and found by name', async () => {
    const names: string[] = []
    for await (const model of client.models.list()) names.push(model.id)
    expect(names).toEqual(['bare', 'prompted'])
    expect((await client.models.retrieve('prompted')).owned_by).toBe('soft-prompt-workbench')
  })

  test('an unknown one is a 404 that names those that are there', async () => {
    const asked = client.completions.create({ model: 'gpt-4', prompt: 'a' })
    await expect(asked).rejects.toMatchObject({ status: 404, code: 'not-found' })
    await expect(client.models.retrieve('gpt-4')).rejects.toThrow('Use one of: bare, prompted.')
  })
})

describe('completions', () => {
  test('the soft prompt changes what the model expects', async () => {
    const request = { prompt, ...greedy, logprobs: 1 }
    const [bare, soft] = await Promise.all(
      ['bare', 'prompted'].map(model => client.completions.create({ model, ...request })),
    )
    const of = (answer: typeof bare) => answer!.choices[0]!.logprobs!.token_logprobs!
    expect(Math.abs(of(bare)[0]! - of(soft)[0]!)).toBeGreaterThan(1e-3)
    expect(bare!.usage).toMatchObject({ completion_tokens: 8 })
  })

  test('a seed makes choices repeatable, and choices of one seed differ', async () => {
    const request = { model: 'bare', prompt, n: 3, seed: 7, max_tokens: 12, temperature: 1 }
    const texts = async () =>
      (await client.completions.create(request)).choices.map(choice => choice.text)
    const [first, again] = [await texts(), await texts()]
    expect(first).toEqual(again)
    expect(new Set(first).size).toBe(3)
  })

  test('answers do not depend on what else is asked at the time', async () => {
    const request = { model: 'bare', prompt, seed: 3, max_tokens: 10, temperature: 1 }
    const alone = (await client.completions.create(request)).choices[0]!.text
    const crowd = Array.from({ length: 5 }, (_, i) =>
      client.completions.create({ ...request, prompt: `${prompt} e5 ${i}`, seed: i }),
    )
    const [within] = await Promise.all([client.completions.create(request), ...crowd])
    expect(within!.choices[0]!.text).toBe(alone)
  })

  test('a stop sequence ends the text before it, also across tokens', async () => {
    const whole = await client.completions.create({ model: 'bare', prompt, ...greedy })
    const { text } = whole.choices[0]!
    const stop = text.slice(3, 6)
    const cut = await client.completions.create({ model: 'bare', prompt, ...greedy, stop })
    expect(cut.choices[0]).toMatchObject({
      text: text.slice(0, text.indexOf(stop)),
      finish_reason: 'stop',
    })
  })

  test('a stream gives the same text in parts', async () => {
    const whole = await client.completions.create({ model: 'bare', prompt, ...greedy })
    const stream = await client.completions.create({
      model: 'bare',
      prompt,
      ...greedy,
      stream: true,
    })
    const parts: string[] = []
    const ends: string[] = []
    for await (const event of stream) {
      parts.push(event.choices[0]!.text)
      if (event.choices[0]!.finish_reason) ends.push(event.choices[0]!.finish_reason)
    }
    expect(parts.length).toBeGreaterThan(2)
    expect(parts.join('')).toBe(whole.choices[0]!.text)
    expect(ends).toEqual(['length'])
  })

  test.each(['bare', 'prompted'])('%s: echo scores the text as our own scores do', async name => {
    const ids = await sampler.tokenizer.encode('1. e4 e5 2. Nf3 Nc6 3. Bb5 a6')
    const answer = await client.completions.create({
      model: name,
      prompt: ids,
      max_tokens: 1,
      temperature: 0,
      echo: true,
      logprobs: 2,
    })
    const { token_logprobs: found = [], top_logprobs: top = [] } = answer.choices[0]!.logprobs!
    expect(found).toHaveLength(ids.length + 1)
    const model = models.find(each => each.name === name)!
    const lane = await model.lane(ids.slice(0, 1), [])
    const [own] = await scoreContinuations(sampler, lane, [ids.slice(1)])
    const worst = own!.perToken.map((x, i) => Math.abs(x - found[i + 1]!))
    expect(Math.max(...worst)).toBeLessThan(1e-4)
    // nothing stands before the first token of a bare model
    expect(found[0] === null).toBe(name === 'bare')
    for (const [i, best] of top.entries())
      if (found[i] !== null)
        expect(Math.max(...Object.values(best))).toBeGreaterThanOrEqual(found[i]! - 1e-6)
  })
})

describe('chat', () => {
  const messages = [{ role: 'user' as const, content: 'Say hello.' }]

  test('the answer is the assistant turn, streamed or not', async () => {
    const request = { model: 'bare', messages, temperature: 0, max_completion_tokens: 12 }
    const whole = await client.chat.completions.create({ ...request, logprobs: true })
    const { message, logprobs } = whole.choices[0]!
    expect(message.role).toBe('assistant')
    expect(logprobs!.content!.map(each => each.token).join('')).toContain(message.content!.trim())
    const stream = await client.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let tokens = 0
    for await (const event of stream) {
      text += event.choices[0]?.delta.content ?? ''
      tokens = event.usage?.completion_tokens ?? tokens
    }
    expect(text).toBe(message.content)
    expect(tokens).toBe(whole.usage!.completion_tokens)
  })

  test('content in parts of text is read', async () => {
    const request = { model: 'bare', temperature: 0, max_tokens: 4 }
    const parts = [
      { role: 'user' as const, content: [{ type: 'text' as const, text: 'Say hello.' }] },
    ]
    const [plain, split] = await Promise.all(
      [messages, parts].map(m => client.chat.completions.create({ ...request, messages: m })),
    )
    expect(split!.choices[0]!.message.content).toBe(plain!.choices[0]!.message.content)
  })
})

describe('refusals', () => {
  test.each([
    ['logit_bias', { logit_bias: { 5: 1 } }, 'does not support logit_bias'],
    ['best_of', { best_of: 3 }, 'does not support best_of'],
    ['a wrong type', { max_tokens: 'many' }, 'max_tokens'],
    ['a token that is none', { prompt: [9_999_999] }, 'token 9999999 is none of'],
  ])('%s is a 400 in words', async (_, changes, words) => {
    const answer = await post('/completions', { model: 'bare', prompt: 'a', ...changes })
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain(words)
  })

  test('text/plain, other host names and unknown paths', async () => {
    const plain = await post('/completions', {}, { 'content-type': 'text/plain' })
    expect(plain.status).toBe(400)
    expect((await fetch(`${server.url}/embeddings`)).status).toBe(404)
  })

  test('conditions that the prompt does not take', async () => {
    const answer = await post('/completions', { model: 'prompted', prompt: 'a', conditions: [1] })
    expect(answer.status).toBe(400)
  })

  test('a wrong key is a 401, the right one is not', async () => {
    const locked = await openServer({ apiKey: 'sesame' })
    const as = (apiKey: string) =>
      new OpenAI({ baseURL: locked.url, apiKey, maxRetries: 0 }).models.list()
    await expect(as('open')).rejects.toMatchObject({ status: 401 })
    expect((await as('sesame')).data).toHaveLength(2)
  })
})

test('one who leaves in the middle of a stream frees the lane', async () => {
  const stream = await client.completions.create({
    model: 'bare',
    prompt,
    max_tokens: 400,
    temperature: 0,
    stream: true,
  })
  for await (const _ of stream) break
  const began = performance.now()
  await client.completions.create({ model: 'bare', prompt, ...greedy })
  expect(prompted.sampler).toBe(sampler)
  expect(performance.now() - began).toBeLessThan(5000)
})
