// The call that finds the answer: run folders in, the next run out. It keeps nothing: the folders are the state.
import { createHash } from 'node:crypto'
import { stillFalling, tooShort } from '../analysis/loss-guards'
import { mean } from '../analysis/numbers'
import { analysedRun } from '../analysis/runs'
import { evidenceOf, type MeasuredTrial } from '../answer/evidence'
import { nextRun } from '../answer/next-run'
import { pilot, pilotTokens, sameArm } from '../answer/pilot'
import type { Arm, Next, Question, Trial } from '../answer/question'
import { behaviourOf } from '../behaviours/registry'
import type { AnalysedRun } from '../contract/analysed-run'
import type { AnswerRequest, AnswerStep } from '../contract/answer'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import type { RunSpec, RunSpecInput } from '../contract/run-spec'
import { laidOver } from '../shared/plain-object'
import { resolveSpec } from '../spec/resolve'
import { controlsFolder, shuffledData } from './answer-control'
import type { Context } from './context'
import type { RunIndex } from './run-index'

/** Seeds at one length, at most. */
const seeds = 5

interface Measure {
  readonly tag: string
  readonly target: number
  /** 1: lower is better; −1: higher */
  readonly sign: 1 | -1
}

/** What is held against the target. Faults: usage, where the behaviour has no target of its own. */
function measureOf({ experiment }: RunSpec, asked: number | null): Measure {
  const criterion = behaviourOf(experiment.kind).criterion
  if (criterion.kind === 'share')
    return { tag: criterion.measure, target: asked ?? criterion.target, sign: -1 }
  if (asked === null)
    throw new Fault(
      'usage',
      `${experiment.kind} has no target that a run alone can be held against`,
      'Give a held-out loss in nats, such as --target 2.7.',
    )
  return { tag: tags.finalTestLoss, target: asked, sign: 1 }
}

/** The full spec of what is asked, at the pilot's length. */
const baseOf = ({ base }: AnswerRequest): RunSpec =>
  resolveSpec(laidOver({ prompt: { type: 'direct', tokens: pilotTokens } }, base) as RunSpecInput)

/** A tenth, once and ten times the learning rate, by two initialisations; the one that was asked for first. */
function armsOf({ optimizer, prompt }: RunSpec): Arm[] {
  const own = 'init' in prompt ? prompt.init.kind : 'vocabulary'
  const inits = [own, own === 'vocabulary' ? 'normal' : 'vocabulary']
  return [1, 0.1, 10].flatMap(factor =>
    inits.map(init => ({ rate: Number((optimizer.learningRate * factor).toPrecision(3)), init })),
  )
}

/** The same question has the same name, wherever it is asked. */
function sweepName(spec: RunSpec, { tag, target }: Measure): string {
  const { experiment, data, training, model, optimizer, prompt } = spec
  const words = JSON.stringify([experiment, data, training, model, optimizer, prompt, tag, target])
  const hash = createHash('sha256').update(words).digest('hex').slice(0, 8)
  return `answer ${experiment.kind} ${hash}`
}

function trialOf(run: AnalysedRun, { tag, sign }: Measure, controls: string): MeasuredTrial {
  const spec = run.spec as unknown as RunSpec
  const { values } = run.trainLoss
  const tail = values.slice(Math.floor(values.length * 0.75))
  const heldOut = run.heldOut[tag]
  const isControl = spec.data.path.startsWith(controls)
  const bare = run.baseline === 'none' || run.baseline === 'start-token' ? run.baseline : undefined
  const init = 'init' in spec.prompt ? spec.prompt.init.kind : ''
  return {
    kind: bare ?? (isControl ? 'control' : 'trained'),
    tokens: run.tokens,
    arm: bare === undefined ? { rate: spec.optimizer.learningRate, init } : undefined,
    seed: run.seed ?? 1,
    steps: run.steps,
    pilotLoss:
      tail.length === 0
        ? Number.POSITIVE_INFINITY
        : mean(tail.map(x => x ?? Number.POSITIVE_INFINITY)),
    cost: sign * (run.metrics[tag] ?? Number.NaN),
    isFalling: (tooShort(run) ?? stillFalling(run)) !== undefined,
    heldOut: heldOut && { ...heldOut, sums: heldOut.sums.map(x => sign * x) },
  }
}

/** Baselines belong to every curve; before there is a winner, all that was trained does. */
const isOfCurve = ({ kind, arm }: Trial, winner: Arm | undefined): boolean =>
  kind !== 'control' && (arm === undefined || winner === undefined || sameArm(arm, winner))

/** The spec of the run that was decided on. */
async function specOf(next: Next, base: RunSpec, context: Context): Promise<RunSpecInput> {
  const { kind, tokens, arm, seed } = next.trial
  if (arm === undefined)
    return {
      ...base,
      prompt: { type: kind },
      training: { ...base.training, steps: 0 },
    } as RunSpecInput
  const data = kind === 'control' ? await shuffledData(base, context) : base.data
  return {
    ...base,
    data,
    seed,
    prompt: { ...base.prompt, tokens, init: { kind: arm.init } },
    optimizer: { ...base.optimizer, learningRate: arm.rate },
    training: { ...base.training, steps: next.steps },
  } as RunSpecInput
}

export function answerCalls(
  context: Context,
  index: RunIndex,
  known: ReadonlySet<string>,
): Pick<WorkbenchApi, 'nextOfAnswer'> {
  const nextOfAnswer = async (request: AnswerRequest): Promise<AnswerStep> => {
    const base = baseOf(request)
    const measure = measureOf(base, request.target)
    const sweep = sweepName(base, measure)
    const summaries = (await index.list()).filter(run => run.sweep === sweep)
    const controls = controlsFolder(context.home)
    const found = await Promise.all(
      summaries.map(async ({ id, folder }) => ({
        id,
        trial: trialOf(await analysedRun(folder, known), measure, controls),
      })),
    )
    const trials = found.map(({ trial }) => trial)
    const question: Question = {
      target: measure.sign * measure.target,
      within: request.within,
      steps: base.training.steps,
      arms: armsOf(base),
      seeds,
      hasControl: behaviourOf(base.experiment.kind).completionField !== undefined,
      longest: request.longest,
      budget: Number.POSITIVE_INFINITY,
    }
    const decision = nextRun(question, evidenceOf(question, trials))
    const seconds = summaries.reduce((sum, run) => sum + run.trainingSeconds, 0)
    const arm = pilot(question, trials)
    const winner = 'kind' in arm ? undefined : arm
    const control = trials.find(t => t.kind === 'control')
    const said = {
      sweep,
      measure: measure.tag,
      target: measure.target,
      runs: summaries.map(run => run.id),
      curve: found.filter(({ trial }) => isOfCurve(trial, winner)).map(({ id }) => id),
      seconds,
      steps: trials.reduce((sum, t) => sum + t.steps, 0),
      control:
        control === undefined || Number.isNaN(control.cost) ? null : measure.sign * control.cost,
    }
    if (decision.kind === 'ended') return { ...said, next: decision }
    const { budgetSeconds } = request
    if (budgetSeconds !== null && seconds >= budgetSeconds)
      return {
        ...said,
        next: {
          kind: 'ended',
          because: 'budget',
          reason: `${Math.round(seconds)} of ${budgetSeconds} seconds are spent; next would be: ${decision.reason}`,
        },
      }
    const { kind, tokens, seed } = decision.trial
    const same = found.find(
      ({ trial }) =>
        trial.kind === kind &&
        trial.tokens === tokens &&
        trial.seed === seed &&
        sameArm(trial.arm, decision.trial.arm),
    )
    const spec = await specOf(decision, base, context)
    const { steps, reason } = decision
    return { ...said, next: { kind: 'run', spec, resume: same?.id ?? null, steps, reason } }
  }
  return { nextOfAnswer }
}
