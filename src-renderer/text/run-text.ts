// What a run is called, what it is doing and how far it is, in words.
import { isActive, type RunState, type RunSummary } from '../../src-worker/contract/run'
import { promptName, titleOf } from '../../src-worker/shared/names'
import { baseName, count, duration } from './format'

export type Tone = 'good' | 'warn' | 'bad' | 'idle'

/** "16 tokens", "no prompt", "start token" */
export const promptText = (run: RunSummary): string => promptName(run.spec.prompt)

/** The run's own name, else "autoregressive · pythia-160m · 16 tokens". */
export const runTitle = (run: RunSummary): string => run.name || titleOf(run.behaviour, run.spec)

/** Parts that are the same in all titles are left out: "1 token", "4 tokens". */
function withoutCommon(titles: readonly string[]): readonly string[] {
  const parts = titles.map(title => title.split(' · '))
  const first = parts[0] ?? []
  if (parts.some(of => of.length !== first.length)) return titles
  const varies = first.map((part, i) => parts.some(of => of[i] !== part))
  if (!varies.includes(true)) return titles
  return parts.map(of => of.filter((_, i) => varies[i]).join(' · '))
}

/** Short titles that distinguish these runs: with the seed, or at last the end of the id, where two would be called the same. */
export function distinctTitles(runs: readonly RunSummary[]): ReadonlyMap<string, string> {
  const apart = (titles: ReadonlyMap<string, string>, more: (run: RunSummary) => string) => {
    const times = new Map<string, number>()
    for (const title of titles.values()) times.set(title, (times.get(title) ?? 0) + 1)
    return new Map(
      runs.map(run => {
        const title = titles.get(run.id) ?? ''
        return [run.id, (times.get(title) ?? 0) > 1 ? `${title} · ${more(run)}` : title]
      }),
    )
  }
  const short = withoutCommon(runs.map(runTitle))
  const titles = new Map(runs.map((run, i) => [run.id, short[i] ?? '']))
  return apart(
    apart(titles, run => `seed ${run.spec.seed}`),
    run => run.id.slice(-6),
  )
}

/** Where its data came from, in a word or two. */
export function dataText(run: RunSummary): string {
  const { path } = run.spec.data
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
  if (run.state.kind !== 'queued' && run.state.kind !== 'preparing')
    parts.push(run.state.kind === 'done' ? `${count(run.step)} steps` : stepText(run.step, steps))
  if (run.secondsLeft !== null && isActive(run.state))
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

/** Which of pause, resume, stop make sense now. */
export const canPause = (run: RunSummary): boolean =>
  !run.readOnly && (isActive(run.state) || run.state.kind === 'queued')
export const canStop = (run: RunSummary): boolean =>
  !run.readOnly &&
  (isActive(run.state) || run.state.kind === 'queued' || run.state.kind === 'paused')
/** Resumed, it would diverge at the same step: what helps is another rate. */
export const hasDiverged = (run: RunSummary): boolean =>
  run.state.kind === 'failed' && run.state.fault.code === 'diverged'
export const canResume = (run: RunSummary): boolean =>
  !run.readOnly && ['paused', 'stopped', 'failed', 'interrupted'].includes(run.state.kind)
/** Resumed, or taken further than was planned. */
export const canContinue = (run: RunSummary): boolean =>
  canResume(run) || (run.state.kind === 'done' && !run.readOnly)
