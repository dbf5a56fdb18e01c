// Messages over bytes, whatever parts they come in.
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { connect } from '../../src-worker/contract/rpc'
import { framedPort, greeted, greetingOf } from '../../src-worker/machines/frames'

const table = {
  echo: async (value: unknown) => value,
  length: async (values: readonly number[]) => values.length,
}

/** Two ends; what one writes the other reads in parts of so many bytes. */
function pair(bytes: number) {
  const cut = (): { from: PassThrough; to: PassThrough } => {
    const [from, to] = [new PassThrough(), new PassThrough()]
    from.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += bytes) to.write(chunk.subarray(at, at + bytes))
    })
    return { from, to }
  }
  const [there, back] = [cut(), cut()]
  const never = (error: unknown): void => {
    throw error
  }
  connect(framedPort(there.to, back.from, never), table)
  return connect<typeof table>(framedPort(back.to, there.from, never), {})
}

test.each([1, 3, 4, 5, 1000])('in parts of %i bytes they arrive as they were sent', async bytes => {
  const { call } = pair(bytes)
  const texts = ['', 'plain', '\n\0\r\n', 'zwölf 🙂 \u2028', 'x'.repeat(5000)]
  expect(await Promise.all(texts.map(text => call.echo({ text, list: [1, 2.5, null] })))).toEqual(
    texts.map(text => ({ text, list: [1, 2.5, null] })),
  )
})

test('a series of a hundred thousand points is one message', async () => {
  const values = Array.from({ length: 100_000 }, (_, i) => i / 7)
  expect(await pair(60_000).call.length(values)).toBe(values.length)
})

test.each([
  ['a length beyond all bounds', Buffer.from('SSH-2.0-x')],
  ['no JSON', Buffer.from([0, 0, 0, 2, 0x7b, 0x7b])],
])('%s ends the port, and is no crash', (_, bytes) => {
  const input = new PassThrough()
  const broken: unknown[] = []
  framedPort(input, new PassThrough(), error => broken.push(error)).receive(() => undefined)
  input.emit('data', bytes)
  input.emit('data', bytes)
  expect(broken).toHaveLength(1)
})

describe('the greeting', () => {
  const versionAfter = async (...parts: string[]): Promise<string | undefined> => {
    const input = new PassThrough()
    const version = greeted(input)
    for (const part of parts) input.write(part)
    input.end()
    return version
  }
  test('is found behind what a login says, and in parts', async () => {
    expect(await versionAfter(greetingOf('1.2.3'))).toBe('1.2.3')
    expect(await versionAfter('Welcome!\nspw-eng', 'ine 1.2.3\n')).toBe('1.2.3')
  })
  test('leaves the first frame to the port', async () => {
    const input = new PassThrough()
    const version = greeted(input)
    const frame = Buffer.from([0, 0, 0, 2, 0x34, 0x32])
    input.write(Buffer.concat([Buffer.from(greetingOf('1')), frame]))
    expect(await version).toBe('1')
    const got = new Promise(done => framedPort(input, new PassThrough(), done).receive(done))
    expect(await got).toBe(42)
  })
  test('is none where something else answers, or nothing', async () => {
    expect(await versionAfter('bash: spw: command not found\n')).toBeUndefined()
    expect(await versionAfter('x'.repeat(100_000))).toBeUndefined()
  })
})
