// The experiments by kind.
import { fail } from '../contract/fault'
import type { ExperimentKind } from '../contract/run-spec'
import { autoregressive } from './autoregressive'
import type { Experiment } from './behaviour'
import { chatDetuning } from './chat-detuning'
import { chess } from './chess/index'
import { custom } from './custom/index'
import { favorFuture } from './favor-future'
import { pathfinding } from './paths/index'
import { repetition } from './repetition'
import { skipTokens } from './skip-tokens'

const experiments: readonly Experiment[] = [
  autoregressive,
  skipTokens,
  repetition,
  chatDetuning,
  chess,
  pathfinding,
  favorFuture,
  custom,
]

export const experimentOf = (kind: ExperimentKind): Experiment =>
  experiments.find(experiment => experiment.kind === kind) ?? fail(`no experiment ${kind}`)
