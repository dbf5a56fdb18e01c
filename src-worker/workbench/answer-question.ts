// What an answer is asked, with its defaults: a quick full spec, ways of training, what is measured and read against what.
import { createHash } from 'node:crypto'
import { pilotTokens } from '../answer/pilot'
import { mostLonger } from '../answer/points'
import type { Arm } from '../answer/question'
import type { Behaviour, Control } from '../behaviours/behaviour'
import { behaviourOf, controlOf, criterionOf } from '../behaviours/registry'
import { type AnswerRequest, answerSweep } from '../contract/answer'
import { type Criterion, checkTarget } from '../contract/behaviour'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import { fewUnits } from '../contract/run'
import type { RunSpec, RunSpecInput } from '../contract/run-spec'
import { laidOver } from '../shared/plain-object'
import { resolveSpec } from '../spec/resolve'
import { locateModel } from '../train/model-places'
import { openModel } from '../train/prepare'
import type { Context } from './context'
import type { RunIndex } from './run-index'

/** What is held against the target. */
export interface Measure {
  readonly tag: string
  readonly criterion: Criterion
  /** in the words of the request; null: no yes or no */
  readonly target: number | null
  /** 1: lower is better; −1: higher */
  readonly sign: 1 | -1
}

export type Reference =
  | { readonly kind: 'model'; readonly model: string; readonly prompt: 'none' | 'start-token' }
  /** one that is there */
  | { readonly kind: 'run'; readonly id: string }

/** All that a request asks, resolved. */
export interface Asked {
  readonly base: RunSpec
  readonly behaviour: Behaviour
  readonly control: Control
  readonly measure: Measure
  readonly reference: Reference | undefined
  /** the text prompt, and its tokens */
  readonly text: { readonly words: string; readonly tokens: number } | null
  readonly arms: readonly Arm[]
  readonly sweep: string
}

/** Steps of a full run. */
const whole = 100

/** Many runs, each of them as quick as its curve allows: what training had not ended goes on. */
const quick = ({ quickLength: length, quickSamples: metricSamples = 40 }: Behaviour) => ({
  prompt: { type: 'direct', tokens: pilotTokens, init: { kind: 'vocabulary' } },
  optimizer: { learningRate: 0.03 },
  training: {
    steps: whole,
    lanes: 8,
    ...(length === undefined ? {} : { length }),
    // at the end of each round of the pilot, on the validation half: runs are chosen by it
    testEvery: mostLonger * whole,
    testBatches: 6,
    checkpointEvery: 0,
    finalTestBatches: 12,
  },
  // as many as are measured, or fewer would be tested than are asked for
  data: { heldOutUnits: Math.max(fewUnits, metricSamples) },
  // what is shown is what is counted: greedy
  results: { prompts: 6, metricSamples, temperature: 0 },
})

function baseOf(request: AnswerRequest, behaviour: Behaviour): RunSpec {
  const asked = laidOver(quick(behaviour), request.base) as RunSpecInput
  return resolveSpec(asked)
}

/** Fault usage: a snapshot has one length. */
function refuseSnapshot({ prompt }: RunSpec): void {
  if (!('init' in prompt) || prompt.init.kind !== 'snapshot') return
  throw new Fault(
    'usage',
    'the soft prompt starts from a snapshot, which has one length, but finding an answer trains many',
    'Start it from the vocabulary or a text, or train this one length with spw train.',
  )
}

/** A tenth, once and ten times the learning rate, by two initialisations; the one that was asked for first. */
function armsOf({ optimizer, prompt }: RunSpec): Arm[] {
  const own = 'init' in prompt ? prompt.init.kind : 'vocabulary'
  // generators start as their layers do
  const inits =
    prompt.type === 'direct' ? [own, own === 'vocabulary' ? 'normal' : 'vocabulary'] : [own]
  return [1, 0.1, 10].flatMap(factor =>
    inits.map(init => ({ rate: Number((optimizer.learningRate * factor).toPrecision(3)), init })),
  )
}

function measureOf(criterion: Criterion, target: number | null): Measure {
  if (criterion.kind === 'gain') return { tag: tags.finalTestLoss, criterion, target, sign: 1 }
  const sign = criterion.better === 'lower' ? 1 : -1
  return { tag: criterion.measure, criterion, target: target ?? criterion.target, sign }
}

/** The model or run that was named, or the behaviour's own. Faults: usage (none is known), not-found. */
async function referenceOf(
  { reference, base }: AnswerRequest,
  behaviour: Behaviour,
  context: Context,
  index: RunIndex,
): Promise<Reference | undefined> {
  const { reference: own, criterion } = behaviour
  if (criterion.kind !== 'share-of-reference' && criterion.kind !== 'gap-closed') return undefined
  if (reference !== '' && (await index.list()).some(run => run.id === reference))
    return { kind: 'run', id: reference }
  const model = reference === '' ? own?.model(base.model ?? '') : reference
  if (model === undefined)
    throw new Fault(
      'usage',
      `the target of ${behaviour.kind} is read against another model, and none is known for ${base.model}`,
      'Name a model or a run, for instance --reference workbench-demo-base.',
    )
  await locateModel(model, context)
  return { kind: 'model', model, prompt: own?.prompt ?? 'none' }
}

/** Tokens of a text in place of a soft prompt. Faults: usage, when it has none. */
async function textOf(text: string, model: string, context: Context): Promise<Asked['text']> {
  if (text === '') return null
  const { tokenizer } = await openModel(model, context)
  const ids = await tokenizer.encode(text, { special: false })
  if (ids.length > 0) return { words: text, tokens: ids.length }
  throw new Fault('usage', `the text prompt "${text}" has no tokens`, 'Give a longer text.')
}

/** The same training has the same name, wherever it is asked and whatever its target is. */
function sweepName({ experiment, data, training, model, optimizer, prompt }: RunSpec): string {
  const words = JSON.stringify([experiment, data, training, model, optimizer, prompt])
  return answerSweep(experiment.kind, createHash('sha256').update(words).digest('hex'))
}

/** Faults: usage and not-found, of what the request names. */
export async function askedOf(
  request: AnswerRequest,
  context: Context,
  index: RunIndex,
): Promise<Asked> {
  // defaults of the behaviour lie under those of a quick run
  const { experiment } = resolveSpec(request.base)
  const behaviour = behaviourOf(experiment.kind)
  const base = baseOf(request, behaviour)
  refuseSnapshot(base)
  const criterion = criterionOf(base.experiment) ?? behaviour.criterion
  checkTarget(request.target, criterion.kind)
  return {
    base,
    behaviour,
    control: controlOf(base.experiment),
    measure: measureOf(criterion, request.target),
    reference: await referenceOf(request, behaviour, context, index),
    text: await textOf(request.textPrompt, base.model, context),
    arms: armsOf(base),
    sweep: sweepName(base),
  }
}
