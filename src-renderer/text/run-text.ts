// What a run is called, what it is doing and how far it is, in words.
import { isAnswerSweep } from '../../src-worker/contract/answer'
import { isActive, isUnderWay, type RunState, type RunSummary } from '../../src-worker/contract/run'
import { type RunSpec, tokensOf } from '../../src-worker/contract/run-spec'
import { isControlData } from '../../src-worker/shared/control-data'
import {
  type DistinctName,
  distinctNames,
  type Identity,
  nameText,
} from '../../src-worker/shared/distinct-names'
import { promptName, titleOf } from '../../src-worker/shared/names'
import { baseName, count, duration, modelName, plural } from './format'

export type Tone = 'good' | 'warn' | 'bad' | 'idle'

/** "16 tokens", "no prompt", "start token" */
export const promptText = (run: RunSummary): string => promptName(run.spec.prompt)

/** The run's own name, else "autoregressive · pythia-160m · 16 tokens". */
export const runTitle = (run: RunSummary): string => run.name || titleOf(run.behaviour, run.spec)

/** The name that a person gave it; empty: none. */
export const ownName = (run: RunSummary): string =>
  run.name === titleOf(run.behaviour, run.spec) ? '' : run.name

const identityOf = (run: RunSummary): Identity => {
  const { model, prompt, seed, optimizer, training } = run.spec
  return {
    id: run.id,
    name: ownName(run),
    main: [promptName(prompt), run.behaviour, modelName(model)],
    more: [
      ...[dataText(run), `seed ${seed}`, `rate ${optimizer.learningRate}`],
      ...[
        plural(training.steps, 'step'),
        prompt.type,
        'init' in prompt ? `from ${prompt.init.kind}` : '',
      ],
    ],
    last: run.createdAt.slice(0, 16).replace('T', ' '),
  }
}

/** What each run of a list is called in it. */
export const runNames = (runs: readonly RunSummary[]): ReadonlyMap<string, DistinctName> =>
  distinctNames(runs.map(identityOf))

/** Short titles that distinguish these runs, for legends and headers. */
export const distinctTitles = (runs: readonly RunSummary[]): ReadonlyMap<string, string> =>
  new Map([...runNames(runs)].map(([id, { short }]) => [id, short]))

/** A run among others: first what distinguishes it, then what it shares with them. */
export function titleAmong(run: RunSummary, others: readonly RunSummary[]): string {
  const name = runNames(others).get(run.id)
  return name === undefined ? runTitle(run) : nameText(name)
}

const listed = (texts: readonly string[]): string => [...new Set(texts)].join(', ')

function lengths(runs: readonly RunSummary[]): string {
  const tokens = runs.map(run => tokensOf(run.spec.prompt))
  const [least, most] = [Math.min(...tokens), Math.max(...tokens)]
  return least === most ? plural(most, 'token') : `${least} to ${most} tokens`
}

/** What a person calls a sweep; empty: it was named by the clock, or by the search that its runs belong to. */
export const givenName = (sweep: string, runs: readonly RunSummary[]): string =>
  runs.find(run => run.sweepName !== '')?.sweepName ??
  (/^sweep \d{4}-\d\d-\d\d /.test(sweep) || isAnswerSweep(sweep) ? '' : sweep)

/** A sweep by its name and runs; one without a name is called by what it trains. */
function sweepIdentity(sweep: string, runs: readonly RunSummary[]): Identity {
  const behaviours = listed(runs.map(run => run.behaviour))
  return {
    id: sweep,
    name: givenName(sweep, runs),
    main: [
      isAnswerSweep(sweep) ? `answer: ${behaviours}` : behaviours,
      listed(runs.map(run => modelName(run.spec.model))),
    ],
    more: [
      ...[lengths(runs), listed(runs.map(dataText))],
      listed(runs.map(run => `seed ${run.spec.seed}`)),
    ],
    last: sweep,
  }
}

/** What each sweep is called among all of them. */
export function sweepNames(all: readonly RunSummary[]): ReadonlyMap<string, string> {
  const sweeps = new Map<string, RunSummary[]>()
  for (const run of all)
    if (run.sweep !== '') {
      const own = sweeps.get(run.sweep)
      if (own) own.push(run)
      else sweeps.set(run.sweep, [run])
    }
  const names = distinctNames([...sweeps].map(([id, runs]) => sweepIdentity(id, runs)))
  return new Map([...names].map(([id, name]) => [id, nameText(name)]))
}

/** Where its data came from, in a word or two. */
export function dataText(run: RunSummary): string {
  const { path } = run.spec.data
  if (isControlData(path)) return 'shuffled'
  if (path === 'demo' || path.startsWith('demo/')) return 'bundled data'
  return path === 'procedural' ? 'made as needed' : baseName(path)
}

const words: Record<RunState['kind'], string> = {
  queued: 'Queued',
  preparing: 'Preparing',
  training: 'Training',
  testing: 'Testing',
  sampling: 'Writing samples',
  paused: 'Paused',
  stopped: 'Stopped',
  done: 'Done',
  failed: 'Failed',
  interrupted: 'Interrupted',
}

export const stateWord = (state: RunState): string => words[state.kind]

export function stateTone(state: RunState): Tone {
  if (isActive(state)) return 'good'
  if (state.kind === 'failed') return 'bad'
  if (state.kind === 'interrupted' || state.kind === 'paused') return 'warn'
  return 'idle'
}

/** "Training · step 632 of 1,536 · 6 m 12 s left" */
export function stateText(run: RunSummary): string {
  const steps = run.spec.training.steps
  const parts = [stateWord(run.state)]
  if (run.state.kind === 'preparing' && run.state.doing) parts.push(run.state.doing)
  const isStepped = steps > 0 && run.state.kind !== 'queued' && run.state.kind !== 'preparing'
  if (isStepped)
    parts.push(run.state.kind === 'done' ? plural(run.step, 'step') : stepText(run.step, steps))
  if (run.secondsLeft !== null && isActive(run.state) && (run.step < steps || run.secondsLeft > 0))
    parts.push(`${duration(run.secondsLeft)} left`)
  return parts.join(' · ')
}

const stepText = (step: number, steps: number) => `step ${count(step)} of ${count(steps)}`

/** 0…1 */
export function progressOf(run: RunSummary): number {
  if (run.state.kind === 'done') return 1
  const steps = run.spec.training.steps
  return steps === 0 ? 0 : Math.min(1, run.step / steps)
}

/** Of a progress bar: 0…1; null, while it is worked on and has no steps to count. */
export const shownProgress = (run: RunSummary): number | null =>
  isActive(run.state) && (run.state.kind === 'preparing' || run.spec.training.steps === 0)
    ? null
    : progressOf(run)

/** Which of pause, resume, stop make sense now. */
export const canPause = (run: RunSummary): boolean => !run.readOnly && isUnderWay(run.state)
export const canStop = (run: RunSummary): boolean =>
  !run.readOnly && (isUnderWay(run.state) || run.state.kind === 'paused')
/** Resumed, it would diverge at the same step: what helps is another rate. */
export const hasDiverged = (run: RunSummary): boolean =>
  run.state.kind === 'failed' && run.state.fault.code === 'diverged'
/** Going on helps what failed on the way; what failed at its first step needs other settings. */
export const needsChange = (run: RunSummary): boolean =>
  run.state.kind === 'failed' && !hasDiverged(run) && run.step === 0
/** The same at a tenth of the learning rate, as a person would write it. */
export const atLowerRate = (spec: RunSpec): RunSpec => {
  const learningRate = Number((spec.optimizer.learningRate / 10).toPrecision(12))
  return { ...spec, optimizer: { ...spec.optimizer, learningRate } }
}
/** Why a soft prompt of this run is not what its whole training would have made; empty: nothing is known against it. */
export function promptTrouble(run: RunSummary | undefined): string {
  if (run?.state.kind !== 'failed') return ''
  return hasDiverged(run) ? 'its training diverged' : 'its run failed'
}
export const canResume = (run: RunSummary): boolean =>
  !run.readOnly && ['paused', 'stopped', 'failed', 'interrupted'].includes(run.state.kind)
/** Of several, those that come to an end when they go on as they are. */
export const resumable = (runs: readonly RunSummary[]): readonly string[] =>
  runs.filter(run => canResume(run) && !hasDiverged(run) && !needsChange(run)).map(({ id }) => id)
/** Resumed, or taken further than was planned. */
export const canContinue = (run: RunSummary): boolean =>
  canResume(run) || (run.state.kind === 'done' && !run.readOnly)
