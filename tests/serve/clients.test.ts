// The real clients: OpenAI's Python package, Inspect, and lm-evaluation-harness, whose loglikelihoods must equal ours.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { scoreContinuations } from '../../src-worker/sample/score'
import { clientsPython } from './clients-python'
import { openServing } from './open-server'

interface Answers {
  readonly openai: { models: string[]; text: string; streamed: string; chat: string }
  readonly inspect: { status: string; completions: string[] }
  readonly lmEval: { context: string; continuation: string; logProb: number }[]
}

const { models, openServer, sampler } = await openServing()
const found = clientsPython()
const reason = 'missing' in found ? ` (skipped: ${found.missing})` : ''

async function checkAnswers(python: string, url: string, name: string): Promise<void> {
  const args = ['tests/serve/clients.py', url, name, sampler.folder.path]
  const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 1e8 })
  const answers = JSON.parse(stdout.trim().split('\n').at(-1)!) as Answers
  expect(answers.openai.models).toEqual(['bare', 'prompted'])
  expect(answers.openai.streamed).toBe(answers.openai.text)
  expect(answers.inspect.status).toBe('success')
  expect(answers.inspect.completions).toHaveLength(2)
  for (const text of answers.inspect.completions) expect(text).not.toBe('')
  const model = models.find(each => each.name === name)!
  expect(answers.lmEval).toHaveLength(8)
  for (const { context, continuation, logProb } of answers.lmEval) {
    const before = await sampler.tokenizer.encode(context)
    const whole = await sampler.tokenizer.encode(context + continuation)
    const lane = await model.lane(before, [])
    const [own] = await scoreContinuations(sampler, lane, [whole.slice(before.length)])
    expect(Math.abs(own!.logProb - logProb)).toBeLessThan(1e-4)
  }
}

test.skipIf(reason !== '')(
  `clients of other tools, of the bare model and the prompted one${reason}`,
  async () => {
    const { url } = await openServer()
    const python = 'python' in found ? found.python : ''
    for (const name of ['bare', 'prompted']) await checkAnswers(python, url, name)
  },
  1_000_000,
)
