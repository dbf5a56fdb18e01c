// A run for tests, complete but for what the test says of it.
import { type RunSummary, runSummarySchema } from '../../src-worker/contract/run'
import { type RunSpecInput, runSpecSchema } from '../../src-worker/contract/run-spec'

export interface About extends Partial<Omit<RunSummary, 'spec'>> {
  readonly spec?: RunSpecInput
}

export const aRun = ({ spec, ...about }: About = {}): RunSummary => {
  const full = runSpecSchema.parse({
    experiment: { kind: 'autoregressive' },
    model: 'org/tiny',
    data: { path: 'demo' },
    prompt: { type: 'direct', tokens: 4, init: { kind: 'zero' } },
    training: { steps: 100 },
    ...spec,
  })
  return runSummarySchema.parse({
    ...{ id: 'a', folder: '/runs/a', name: '', note: '', colour: 0, sweep: '', readOnly: false },
    ...{ createdAt: '2026-11-24T08:00:00Z', updatedAt: '2026-11-24T08:00:00Z' },
    ...{ state: { kind: 'done' }, step: 100, trainingSeconds: 10, secondsLeft: null },
    ...{ metrics: {}, restarts: [], behaviour: full.experiment.kind, ...about, spec: full },
  })
}

/** A metric whose only value this is. */
export const only = (value: number) => ({ last: value, min: value, max: value, lastStep: 100 })
