// Is a point's number what its name says? Measured on held-out data, the same for the whole curve, with no seed lost.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Guard, Suggestion } from '../contract/analysis'
import { nothingIsHeldOut } from '../contract/run'
import { ours, slower, specFile } from './suggest'

interface Inputs {
  readonly dataset?: { readonly fingerprint?: string; readonly heldOut?: string }
  readonly model?: { readonly files?: Readonly<Record<string, string>> }
}
const inputsOf = (run: AnalysedRun): Inputs => (run.provenance ?? {}) as Inputs

/** Content only: sizes and times of files follow after it. */
const contentOf = ({ dataset }: Inputs): string | undefined =>
  dataset?.fingerprint?.split(' of ')[0]
const dataOf = (run: AnalysedRun): string | undefined => contentOf(inputsOf(run))

/** Trained on before: the prompt started from a run on these data that held out something else. */
function heldOutByParent(run: AnalysedRun): string | undefined {
  const parent = (run.parent ?? {}) as Inputs
  const before = parent.dataset?.heldOut
  const isSame = before === inputsOf(run).dataset?.heldOut
  return contentOf(parent) === dataOf(run) && !isSame ? before : undefined
}

const isOtherModel = (a: AnalysedRun, b: AnalysedRun): boolean => {
  const [x, y] = [inputsOf(a).model?.files ?? {}, inputsOf(b).model?.files ?? {}]
  return Object.keys(x).some(name => name in y && x[name] !== y[name])
}

function withHoldout(run: AnalysedRun): Suggestion | null {
  const data = run.spec?.data as { holdout?: unknown } | undefined
  // a share was asked for, but of a single record there is none
  if (!ours(run) || data?.holdout !== 0) return null
  return {
    text: 'Run with 5 % held out',
    run: run.id,
    change: { data: { holdout: 0.05 } },
    resume: false,
    command: `spw train --spec ${specFile(run)} --holdout 0.05`,
  }
}

/** @param measure the run that this one is read against: a baseline, or the shortest prompt */
export function testGuards(run: AnalysedRun, measure: AnalysedRun | undefined): Guard[] {
  const warning = (kind: Guard['kind'], reason: string, suggestion: Suggestion | null): Guard => ({
    ...{ kind, level: 'warning', run: run.id, reason, suggestion },
  })
  const found: Guard[] = []
  if (inputsOf(run).dataset?.heldOut === nothingIsHeldOut)
    found.push(
      warning(
        'not-held-out',
        'nothing was held out: tested on what it trained on',
        withHoldout(run),
      ),
    )
  const before = heldOutByParent(run)
  if (before !== undefined)
    found.push(
      warning(
        'not-held-out',
        `its prompt started from a run with another split of the same data (${before}), so it may be tested on what that trained on`,
        null,
      ),
    )
  if (measure === undefined || measure === run) return found
  const [own, other] = [dataOf(run), dataOf(measure)]
  const isOther = own !== undefined && other !== undefined && own !== other
  if (isOther || isOtherModel(run, measure))
    found.push(
      warning(
        'other-data',
        `its ${isOther ? 'data are' : 'model is'} not what ${measure.id} was tested on, though the path is the same`,
        null,
      ),
    )
  return found
}

/** Seeds that diverged leave the others to speak: what is shown is the mean of those that came through. */
export const lostSeeds = (lost: readonly AnalysedRun[]): Guard[] =>
  lost.map(run => ({
    kind: 'failed',
    level: 'warning',
    run: run.id,
    reason: `seed ${run.seed ?? '?'} failed at step ${run.steps} and is left out: only seeds that came through are shown`,
    suggestion: slower(run),
  }))
