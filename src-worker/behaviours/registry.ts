// The behaviours by kind, in the order in which they are shown.
import type { z } from 'zod'
import type { BehaviourCard, Criterion } from '../contract/behaviour'
import { addExperimentRow, type ExperimentSpec } from '../contract/experiment-spec'
import { fail } from '../contract/fault'
import type { RunSpec } from '../contract/run-spec'
import { isControlData } from '../shared/control-data'
import { dataName } from '../shared/names'
import type { OpenPipeline } from '../stream/data-pipeline'
import type { Behaviour, Control } from './behaviour'
import { chess } from './chess/index'
import { custom } from './custom/index'
import { paths } from './paths/index'
import { textBehaviours } from './text'

const { autoregressive, skipTokens, repetition, chatDetuning, favorFuture } = textBehaviours
const registered: Behaviour[] = [
  ...[autoregressive, skipTokens, repetition, chatDetuning],
  ...[chess, paths, favorFuture, custom],
]

export const behaviours = (): readonly Behaviour[] => registered

/** One behaviour more, with its row of the schema. Before any spec is read. */
export function registerBehaviour(behaviour: Behaviour, row: z.ZodObject): void {
  addExperimentRow(row)
  registered.push(behaviour)
}

/** Undefined for what a log of another program calls an experiment. */
export const findBehaviour = (kind: string): Behaviour | undefined =>
  registered.find(behaviour => behaviour.kind === kind)

export const behaviourOf = (kind: string): Behaviour =>
  findBehaviour(kind) ?? fail(`no behaviour ${kind}`)

/** When these options of a behaviour count as elicited; undefined: it is none of ours. */
export function criterionOf(experiment: ExperimentSpec): Criterion | undefined {
  const behaviour = findBehaviour(experiment.kind)
  return behaviour?.criterionOf?.(experiment) ?? behaviour?.criterion
}

/** What these options of a behaviour are held against. */
export function controlOf(experiment: ExperimentSpec): Control {
  const behaviour = behaviourOf(experiment.kind)
  return behaviour.controlOf?.(experiment) ?? behaviour.control
}

/** Measures that a run cannot have, and why, by tag. */
export const unmeasuredOf = (
  spec: Pick<RunSpec, 'experiment' | 'prompt'>,
): Readonly<Record<string, string>> => behaviourOf(spec.experiment.kind).unmeasured?.(spec) ?? {}

/** "skip 4", "chess", "own behaviour NAME", "control of chess" */
export function behaviourName({ experiment, data }: Pick<RunSpec, 'experiment' | 'data'>): string {
  const name = behaviourOf(experiment.kind).name({ experiment, data })
  return isControlData(data.path)
    ? `control of ${name.replace(` ${dataName(data.path)}`, '')}`
    : name
}

export const openPipeline: OpenPipeline = context =>
  behaviourOf(context.spec.experiment.kind).openPipeline(context)

/** What the window knows of a behaviour. */
export function cardOf(behaviour: Behaviour): BehaviourCard {
  const { kind, title, explanation, finding, criterion, playground, ownData } = behaviour
  return {
    ...{ kind, title, explanation, finding, criterion, playground, ownData },
    measures: [...behaviour.measures],
    options: [...behaviour.options],
    dataKinds: [...behaviour.dataKinds],
    demo: behaviour.demo(),
  }
}
