import { describe, expect, test } from 'vitest'
import { createActiveRuns, endingText } from '../../src-main/active-runs'
import type { RunState, RunSummary } from '../../src-worker/contract/run'

const run = (id: string, state: RunState, rest: Partial<RunSummary> = {}): RunSummary =>
  ({ id, name: '', step: 64, metrics: {}, state, ...rest }) as RunSummary

const failed: RunState = {
  kind: 'failed',
  fault: { code: 'diverged', message: 'the loss is NaN at step 12.', fix: 'Lower the rate.' },
}

describe('what is at work', () => {
  test('active and queued runs keep the app busy; only active ones keep it awake', () => {
    const runs = createActiveRuns()
    runs.accept({ runs: [run('a', { kind: 'training' }), run('b', { kind: 'queued' })], gone: [] })
    expect([runs.active(), runs.busy()]).toEqual([1, 2])
    runs.accept({ runs: [run('a', { kind: 'paused' })], gone: ['b'] })
    expect([runs.active(), runs.busy()]).toEqual([0, 0])
  })

  test('runs of an engine that is gone are not at work', () => {
    const runs = createActiveRuns()
    runs.accept({ runs: [run('a', { kind: 'testing' })], gone: [] })
    runs.clear()
    expect(runs.busy()).toBe(0)
  })
})

test.each<[RunState, boolean]>([
  [{ kind: 'done' }, true],
  [failed, true],
  [{ kind: 'stopped' }, false],
  [{ kind: 'paused' }, false],
  [{ kind: 'interrupted' }, false],
  [{ kind: 'sampling' }, false],
])('a run that becomes %o has ended by itself: %s', (state, ended) => {
  const runs = createActiveRuns()
  runs.accept({ runs: [run('a', { kind: 'training' })], gone: [] })
  expect(runs.accept({ runs: [run('a', state)], gone: [] })).toHaveLength(ended ? 1 : 0)
})

test('an old run that is only listed is no news', () => {
  expect(createActiveRuns().accept({ runs: [run('a', { kind: 'done' })], gone: [] })).toEqual([])
})

test.each<[RunSummary, string, string]>([
  [
    run(
      'x-1',
      { kind: 'done' },
      { metrics: { Loss: { last: 1.2345, min: 1, max: 2, lastStep: 64 } } },
    ),
    'Run finished: x-1',
    '64 steps, loss 1.234',
  ],
  [
    run('x-2', failed, { name: 'Mine' }),
    'Run failed: Mine',
    'the loss is NaN at step 12. Lower the rate.',
  ],
])('the notification says %o', (ended, title, body) => {
  expect(endingText(ended)).toEqual({ title, body })
})
