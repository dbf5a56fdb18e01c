import { afterAll, describe, expect, test } from 'vitest'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { emptyCache } from '../../src-worker/sample/cache'
import { type GenerateOptions, generate, type Sequence } from '../../src-worker/sample/generate'
import { openSampler } from '../../src-worker/sample/prompted'
import { nextTokenLogProbs, scoreContinuations } from '../../src-worker/sample/score'
import { ortRuntime } from '../../src-worker/session/ort'
import { rng } from '../../src-worker/stream/rng'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { referencePath } from '../reference-path'

async function open(model: string) {
  const folder = await openModelFolder(referencePath('models', model))
  return openSampler({ runtime: ortRuntime(), folder, tokenizer: await openTokenizer(folder.path) })
}

const samplers = {
  'tiny-neox': await open('tiny-neox'),
  'tiny-llama-tied': await open('tiny-llama-tied'),
}
const names = Object.keys(samplers) as (keyof typeof samplers)[]
afterAll(async () => {
  for (const name of names) await samplers[name].release()
})

const options: GenerateOptions = {
  maxTokens: 12,
  temperature: 1,
  topP: 0.9,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1.1,
  seed: 5,
  stopIds: [],
}

const random = rng(3, 'test')
const ids = (count: number): number[] => Array.from({ length: count }, () => random.below(500))
const promptRows = (tokens: number): Float32Array =>
  Float32Array.from({ length: tokens * 64 }, () => random.normal())

/** Lanes of several lengths, with the soft prompt before, within, after, or none. */
const lanes: readonly Sequence[] = [
  { slots: [-1, -2, -3, ...ids(4)], rows: promptRows(3) },
  { slots: ids(40) },
  { slots: [...ids(9), -2, -1, ...ids(2)], rows: promptRows(2) },
  { slots: [...ids(1), -1], rows: promptRows(1) },
]

async function written(
  sampler: (typeof samplers)['tiny-neox'],
  from: readonly Sequence[],
  more = {},
) {
  const result: number[][] = from.map(() => [])
  const ends: (string | undefined)[] = from.map(() => undefined)
  for await (const step of generate(sampler, from, { ...options, ...more }))
    for (const { lane, token, done } of step) {
      result[lane]!.push(token)
      if (done !== undefined) ends[lane] = done
    }
  return { result, ends }
}

describe.each(names)('%s', name => {
  const sampler = samplers[name]

  test('a lane writes the same alone and beside others', async () => {
    const { result } = await written(sampler, lanes)
    for (const [i, lane] of lanes.entries())
      expect((await written(sampler, [{ ...lane, label: i }])).result[0]).toEqual(result[i])
    expect((await written(sampler, lanes)).result).toEqual(result)
    expect((await written(sampler, lanes, { seed: 6 })).result).not.toEqual(result)
  })

  test('lanes that stop early leave the others alone', async () => {
    const { result } = await written(sampler, lanes)
    const stopIds = [result[0]![2]!, result[2]![5]!]
    const stopped = await written(sampler, lanes, { stopIds })
    for (const [i, full] of result.entries()) {
      const end = full.findIndex(token => stopIds.includes(token))
      expect(stopped.result[i]).toEqual(end < 0 ? full : full.slice(0, end + 1))
      expect(stopped.ends[i]).toBe(end < 0 ? 'length' : 'end')
    }
  })

  test('a beginning in pieces equals one in one piece', async () => {
    const { decoder } = sampler
    const slots = [...ids(300), -1, -2, ...ids(420)]
    const rows = promptRows(2)
    const ranges = await nextTokenLogProbs(sampler, { slots, rows })
    const whole = await decoder.look(emptyCache(decoder.shape, 1), {
      lanes: 1,
      width: slots.length,
      slots: Int32Array.from(slots),
      prompt: rows,
      positions: Int32Array.from(slots.keys()),
      counts: Int32Array.of(slots.length),
      head: { rows: [slots.length - 1], wanted: [0], picks: [] },
    })
    for (const [i, logit] of whole.logits.entries())
      expect(Math.abs(logit - whole.logZ[0]! - ranges[i]!)).toBeLessThan(2e-4)
    const sum = ranges.reduce((total, x) => total + Math.exp(x), 0)
    expect(sum).toBeCloseTo(1, 5)
  })

  test('scores of continuations equal token by token', async () => {
    const prefix = lanes[2]!
    const [a, b, c] = ids(3) as [number, number, number]
    const continuations = [[a], [a, b], [a, b, c], [a, b, a, c], [b, b, b], [], [a, b]]
    const scored = await scoreContinuations(sampler, prefix, continuations)
    for (const [i, continuation] of continuations.entries()) {
      const slow: number[] = []
      for (const [t, token] of continuation.entries()) {
        const slots = [...prefix.slots, ...continuation.slice(0, t)]
        slow.push((await nextTokenLogProbs(sampler, { ...prefix, slots }))[token]!)
      }
      expect(scored[i]!.perToken).toHaveLength(continuation.length)
      for (const [t, logProb] of slow.entries())
        expect(Math.abs(scored[i]!.perToken[t]! - logProb)).toBeLessThan(1e-4)
      const total = slow.reduce((sum, x) => sum + x, 0)
      expect(scored[i]!.logProb).toBeCloseTo(total, 3)
    }
  })

  test('what is remembered of a prefix changes nothing', async () => {
    const { slots, rows } = { slots: [-1, -2, ...ids(30)], rows: promptRows(2) }
    const more = [...slots, ...ids(5)]
    const continuations = [ids(3), ids(2)]
    const score = async (lane: Sequence) =>
      (await scoreContinuations(sampler, lane, continuations)).map(each => each.logProb)
    const close = (a: number[], b: number[]) => {
      for (const [i, x] of a.entries()) expect(Math.abs(x - b[i]!)).toBeLessThan(1e-4)
    }
    const fresh: number[][] = []
    for (const each of [slots, more, slots.slice(0, 20)]) {
      sampler.memory.clear()
      fresh.push(await score({ slots: each, rows }))
    }
    sampler.memory.clear()
    close(await score({ slots, rows }), fresh[0]!)
    close(await score({ slots: more, rows: rows.slice() }), fresh[1]!)
    close(await score({ slots: slots.slice(0, 20), rows }), fresh[2]!)
    // at the same time: only one of them can have the remembered cache
    const both = await Promise.all([score({ slots: more, rows }), score({ slots, rows })])
    close(both[0]!, fresh[1]!)
    close(both[1]!, fresh[0]!)
    const other = await score({ slots, rows: promptRows(2) })
    expect(Math.abs(other[0]! - fresh[0]![0]!)).toBeGreaterThan(1e-3)
  })

  test('samples of one prompt begin together and go their own ways', async () => {
    const lane = lanes[0]!
    const { result } = await written(sampler, [lane, lane, lanes[1]!, lane])
    for (const [i, each] of [lane, lane, lanes[1]!, lane].entries())
      expect((await written(sampler, [{ ...each, label: i }])).result[0]).toEqual(result[i])
    expect(new Set(result.map(each => each.join())).size).toBe(4)
  })

  test('more continuations than one pass takes', async () => {
    const continuations = Array.from({ length: 150 }, () => ids(6))
    const scored = await scoreContinuations(sampler, lanes[1]!, continuations)
    const [last] = await scoreContinuations(sampler, lanes[1]!, [continuations[149]!])
    expect(scored).toHaveLength(150)
    expect(scored[149]!.logProb).toBeCloseTo(last!.logProb, 3)
  })
})

const neox = samplers['tiny-neox']

test('tokens come with their probability and alternatives', async () => {
  const lane = lanes[1]!
  const expected = await nextTokenLogProbs(neox, lane)
  for await (const step of generate(neox, [lane], { ...options, maxTokens: 1, top: 4 })) {
    const { token, logProb, top } = step[0]!
    expect(logProb).toBeCloseTo(expected[token]!, 4)
    expect(top).toHaveLength(4)
    expect(top[0]!.logProb).toBeCloseTo(Math.max(...expected), 4)
    for (const each of top) expect(each.logProb).toBeCloseTo(expected[each.token]!, 4)
  }
})

test('nothing asked, nothing written; an abort ends it', async () => {
  expect((await written(neox, lanes, { maxTokens: 0 })).result.flat()).toEqual([])
  expect((await written(neox, [])).result).toEqual([])
  const stop = new AbortController()
  let count = 0
  for await (const _ of generate(neox, lanes, { ...options, maxTokens: 500 }, stop.signal))
    if (++count === 3) stop.abort()
  expect(count).toBe(3)
  const after = generate(neox, lanes, options, stop.signal)
  await expect(after.next()).rejects.toMatchObject({ code: 'cancelled' })
})

test('faults say what is wrong', async () => {
  const empty = generate(neox, [{ slots: [] }], options)
  await expect(empty.next()).rejects.toThrow('lane 0 has neither text nor soft prompt')
  const missing = generate(neox, [{ slots: [-3, 5], rows: promptRows(2) }], options)
  await expect(missing.next()).rejects.toThrow('asks for soft prompt token 3, but there are 2')
  const narrow = generate(neox, [{ slots: [-1], rows: new Float32Array(63) }], options)
  await expect(narrow.next()).rejects.toThrow("no multiple of the model's width 64")
})

test('rows of a soft prompt: direct ones repeated, generated ones by condition', async () => {
  const direct = await openSnapshot(referencePath('reference/snapshots/direct_p5.pt'))
  const rows = direct.parameters.get('embedding')!.data
  expect(await neox.rows(direct, [[], []])).toEqual(Float32Array.from([...rows, ...rows]))
  const mlp = await openSnapshot(referencePath('reference/snapshots/mlp_p4_h128.pt'))
  const both = await neox.rows(mlp, [
    [0, 1],
    [0.5, 0.2],
  ])
  expect(both).toHaveLength(2 * 4 * 64)
  const alone = await neox.rows(mlp, [[0, 1]])
  for (const [i, x] of alone.entries()) expect(Math.abs(x - both[i]!)).toBeLessThan(1e-6)
  expect(both.slice(0, 256)).not.toEqual(both.slice(256))
  await expect(neox.rows(mlp, [[1]])).rejects.toThrow(
    'this soft prompt is made from 2 conditions, 1 were given',
  )
  const wide = {
    ...direct,
    metadata: { ...direct.metadata, shape: { type: 'direct' as const, tokens: 5, width: 32 } },
  }
  await expect(neox.rows(wide, [[]])).rejects.toThrow(
    'the soft prompt is 32 wide (trained for tiny-neox), tiny-neox is 64',
  )
})
