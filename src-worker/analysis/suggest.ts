// The run that would settle a warning, as a change of a spec and as a command. Only our own runs can go on.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Suggestion } from '../contract/analysis'

export const specFile = (run: AnalysedRun): string => `runs/${run.id}/spec.json`
export const ours = (run: AnalysedRun): boolean => run.source === 'workbench'

/** The same run, further. */
export function more(run: AnalysedRun, steps: number): Suggestion | null {
  if (!ours(run)) return null
  return {
    text: `Run ${steps - run.steps} more steps`,
    run: run.id,
    change: { training: { steps } },
    resume: true,
    command: `spw resume ${run.id} --steps ${steps}`,
  }
}

export function anotherSeed(run: AnalysedRun, seed: number): Suggestion | null {
  if (!ours(run)) return null
  return {
    text: `Run seed ${seed} as well`,
    run: run.id,
    change: { seed },
    resume: false,
    command: `spw train --spec ${specFile(run)} --seed ${seed}`,
  }
}

/** A third. */
export const slowerRate = (rate: number): number => Number((rate / 3).toPrecision(2))

/** The same run at a third of its learning rate. */
export function slower(run: AnalysedRun): Suggestion | null {
  const spec = run.spec as { optimizer?: { learningRate?: unknown } } | null
  const rate = spec?.optimizer?.learningRate
  if (!ours(run) || typeof rate !== 'number') return null
  const learningRate = slowerRate(rate)
  return {
    text: `Run again at learning rate ${learningRate}`,
    run: run.id,
    change: { optimizer: { learningRate } },
    resume: false,
    command: `spw train --spec ${specFile(run)} --lr ${learningRate}`,
  }
}
