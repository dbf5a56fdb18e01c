import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test } from 'vitest'
import { useLibrary } from '../../src-renderer/stores/library'
import { usePaths } from '../../src-renderer/stores/paths'
import { stopsOf, usePlayground } from '../../src-renderer/stores/playground'
import { useAsking } from '../../src-renderer/stores/playground-ask'
import { useRuns } from '../../src-renderer/stores/runs'
import { useText } from '../../src-renderer/stores/text'
import { atLowerRate, promptTrouble } from '../../src-renderer/text/run-text'
import type { PathRequest } from '../../src-worker/contract/playground'
import { aRun } from './a-run'
import { type Answers, later, settled, stubWindow } from './bridge'
import { entryOf, threeEntries } from './snapshot-entry'

const answers: Answers = {
  cancel: () => null,
  snapshots: threeEntries,
}
let bridge = stubWindow(answers)
beforeEach(async () => {
  setActivePinia(createPinia())
  bridge = stubWindow(answers)
  await useLibrary().reload('snapshots')
})

describe('asking', () => {
  test('the newest question wins; the older one is cancelled and its answer dropped', async () => {
    const asking = useAsking<string>('test')
    const slow = later<string>()
    const first = asking.ask(() => slow.promise)
    const second = asking.ask(async () => 'new')
    slow.done('old')
    expect(await first).toBeUndefined()
    expect(await second).toBe('new')
    expect(asking.answer.value).toBe('new')
    expect(bridge.of('cancel')).toHaveLength(1)
  })

  test('a fault stays beside a way to ask again', async () => {
    const asking = useAsking<string>('test')
    let down = true
    const work = async () => {
      if (down) throw new Error('the engine died')
      return 'back'
    }
    await asking.ask(work)
    expect(asking.fault.value?.message).toBe('the engine died')
    expect(asking.busy.value).toBe(false)
    down = false
    expect(await asking.retry()).toBe('back')
    expect(asking.fault.value).toBeNull()
  })

  test('an answer after clear is not shown', async () => {
    const asking = useAsking<string>('test')
    const slow = later<string>()
    const asked = asking.ask(() => slow.promise)
    asking.clear()
    slow.done('stale')
    expect(await asked).toBeUndefined()
    expect(asking.answer.value).toBeNull()
  })
})

describe('who speaks', () => {
  test('checkpoints of one run are the stops of time travel, by step', () => {
    const all = [
      entryOf('/2', { step: 20 }),
      entryOf('/1', { step: 10 }),
      entryOf('/final', { step: 20, kind: 'snapshot' }),
      entryOf('/x', { run: 'other', step: 5 }),
    ]
    expect(stopsOf(all, 'run-1').map(s => s.path)).toEqual(['/1', '/final'])
  })

  test('a first visit gets the newest snapshot; a bare model that was chosen stays', async () => {
    const playground = usePlayground()
    playground.settle('chess')
    expect(playground.entry('chess')).not.toBeNull()
    playground.choose('chess', '')
    await useLibrary().reload('snapshots')
    playground.settle('chess')
    expect(playground.entry('chess')).toBeNull()
  })

  test('a prompt whose training failed is chosen last, and says so', async () => {
    const [fix, fault] = ['Lower the rate.', { message: 'the loss is NaN', cause: '' }]
    const failed = (id: string, code: 'diverged' | 'disk') =>
      aRun({ id, state: { kind: 'failed', fault: { code, fix, ...fault } } })
    const [whole, diverged, full] = [aRun(), failed('b', 'diverged'), failed('c', 'disk')]
    expect([whole, diverged, full].map(promptTrouble)).toEqual([
      ...['', 'its training diverged', 'its run failed'],
    ])
    const fast = aRun({ spec: { optimizer: { learningRate: 0.003 } } }).spec
    expect(atLowerRate(fast).optimizer.learningRate).toBe(0.0003)
    useRuns().accept({ runs: [whole, diverged], gone: [] })
    answers.snapshots = () => [
      entryOf('/whole', { run: 'a', date: '2026-11-24' }),
      entryOf('/diverged', { run: 'b', date: '2026-11-25' }),
    ]
    await useLibrary().reload('snapshots')
    usePlayground().settle('chess')
    expect(usePlayground().chosen('chess')).toBe('/whole')
    answers.snapshots = threeEntries
  })

  test('a control is not what one meets first', async () => {
    const dataset = '0123456789abcdef-shuffled.jsonl'
    answers.snapshots = () => [
      entryOf('/prompt', { date: '2026-11-24' }),
      entryOf('/control', { date: '2026-11-25', metadata: { dataset } }),
    ]
    await useLibrary().reload('snapshots')
    usePlayground().settle('chess')
    expect(usePlayground().chosen('chess')).toBe('/prompt')
    answers.snapshots = threeEntries
  })

  test('each request names its own prompted model', async () => {
    const playground = usePlayground()
    playground.choose('chess', '/b')
    expect(playground.promptedModel('chess')).toEqual({
      model: '/models/demo',
      snapshot: '/b',
      startToken: false,
    })
    expect(playground.travel('chess').map(s => s.path)).toEqual(['/a', '/b'])
  })
})

describe('text', () => {
  const result = (text: string) => ({
    samples: [{ text, tokens: [], stopped: 'end' }],
    ...{ promptTokens: 1, secondsToFirstToken: 0.1, tokensPerSecond: 10, command: 'spw sample' },
    date: '',
  })

  test('both sides get the same question and seed; tokens of older requests go nowhere', async () => {
    const pending: ReturnType<typeof later<unknown>>[] = []
    answers.sample = () => {
      const one = later<unknown>()
      pending.push(one)
      return one.promise
    }
    usePlayground().choose('text', '/a')
    const text = useText()
    text.prompt = 'Once'
    text.settings = { ...text.settings, seed: 9 }
    const asked = text.ask()
    await settled()
    const [prompted, bare] = bridge.of('sample')
    expect(prompted).toMatchObject({ seed: 9, prompt: 'Once', promptedModel: { snapshot: '/a' } })
    expect(bare).toMatchObject({ seed: 9, prompt: 'Once', promptedModel: { snapshot: '' } })
    const token = { id: 1, text: ' upon', logProb: -1, top: [] }
    bridge.tell('sampleTokens', [
      { request: prompted?.request, sample: 0, tokens: [token] },
      { request: 'older', sample: 0, tokens: [token] },
    ])
    expect(text.answers.map(a => a.samples[0]?.length)).toEqual([1, 0])
    for (const one of pending) one.done(result('done'))
    await asked
    expect(text.busy).toBe(false)
    // a batch that was late
    bridge.tell('sampleTokens', [{ request: prompted?.request, sample: 0, tokens: [token] }])
    expect(text.answers.map(a => a.samples[0]?.length)).toEqual([0, 0])
    expect(text.history[0]?.texts.map(t => t.side)).toEqual(['prompted', 'bare'])
  })

  test('a template that asks for the day gets one day on all sides: that of the snapshot', async () => {
    answers.sample = () => result('done')
    const training = { date: '2024-02-29' }
    answers.snapshots = () => [entryOf('/dated', { metadata: { training } }), entryOf('/b')]
    await useLibrary().reload('snapshots')
    usePlayground().choose('text', '/dated')
    const text = useText()
    text.second = '/b'
    await text.ask()
    expect(bridge.of('sample').map(asked => asked.date)).toEqual(Array(3).fill('2024-02-29'))
    answers.snapshots = threeEntries
  })

  test('what a snapshot wrote is kept with it, though another was chosen meanwhile', async () => {
    const slow = later<unknown>()
    answers.sample = () => slow.promise
    const playground = usePlayground()
    playground.choose('text', '/a')
    const text = useText()
    const asked = text.ask()
    playground.choose('text', '/b')
    text.loadHistory()
    slow.done(result('of a'))
    await asked
    expect(text.history).toEqual([])
    playground.choose('text', '/a')
    text.loadHistory()
    expect(text.history[0]?.texts[0]?.texts).toEqual(['of a'])
  })

  test('stop cancels what is being written', async () => {
    const slow = later<unknown>()
    answers.sample = () => slow.promise
    usePlayground().choose('text', '/a')
    const text = useText()
    const asked = text.ask()
    await settled()
    text.stop()
    expect(bridge.of('cancel')).toHaveLength(2)
    slow.done(result(''))
    await asked
  })
})

describe('paths', () => {
  const answer = ({ moves = [] }: PathRequest) => ({
    steps: [{ move: 'E', probabilities: { E: 1 }, x: moves.length + 1, y: 0, hit: false }],
    optimum: 14,
    optimalPath: [],
    result: { end: 'walking', reached: false, moves: 1, extraMoves: null, wallHits: 0 },
    milliseconds: 1,
  })

  test('each step says what was walked; a changed board starts anew', async () => {
    answers.path = answer
    usePlayground().choose('paths', '/a')
    const paths = usePaths()
    await paths.step()
    await paths.step()
    const prompted = bridge
      .of('path')
      .filter(r => (r.promptedModel as { snapshot: string }).snapshot)
    expect(prompted.map(r => r.moves)).toEqual([[], ['E']])
    expect(bridge.of('path')).toHaveLength(4)
    paths.touch({ x: 4, y: 4 }, 'wall')
    expect(paths.prompted.walked).toEqual([])
    expect(paths.bare.walked).toEqual([])
  })

  test('a text that is no board is refused with its reason', () => {
    const paths = usePaths()
    paths.paste('O O\nO B')
    expect(paths.fault?.message).toBe('The board has no start (A).')
  })
})
