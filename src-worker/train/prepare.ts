// Opens everything that one run needs: model, tokenizer, data, the shape of its prompt, its first parameters.
import { basename } from 'node:path'
import { behaviourOf } from '../behaviours/registry'
import { Fault } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import { type RunSpec, tokensOf } from '../contract/run-spec'
import { allowedKey, notAllowed } from '../contract/scorer'
import type { Parameters, PromptShape, SnapshotMetadata } from '../contract/snapshot'
import { asksDate } from '../dataset/chat-template'
import { tokenizerNote, withinRows } from '../dataset/model-tokenizer'
import type { Tokenizer } from '../dataset/tokenizer'
import { openTriedTokenizer } from '../dataset/tried-tokenizer'
import { initialParameters } from '../prompt/init'
import { conditionCount } from '../prompt/rows'
import { otherDay } from '../sample/chat-day'
import { openRun } from '../stream/open'
import { rng } from '../stream/rng'
import type { ExperimentRun } from '../stream/source'
import { embeddingsOf } from '../weights/embeddings'
import { openModelFolder } from '../weights/model-folder'
import { quantisedFolder } from '../weights/quantised'
import { openSnapshot } from '../weights/snapshot-file'
import { homePaths, type Places, readAllowedCommands } from './home'
import { locateModel } from './model-places'

export interface RunInputs {
  readonly spec: RunSpec
  readonly model: ModelFolder
  readonly tokenizer: Tokenizer
  readonly data: ExperimentRun
  readonly shape: PromptShape
}

export interface PrepareOptions extends Places {
  readonly onProgress: (doing: string) => void
  readonly signal?: AbortSignal
}

/** Conditions that an experiment gives its prompt, known from the spec alone. */
export const conditionsOf = ({ experiment }: RunSpec): number =>
  behaviourOf(experiment.kind).conditionNames(experiment).length

/** What is trained, given the width of the model and the number of conditions. */
export function shapeOf(prompt: RunSpec['prompt'], width: number, conditions: number): PromptShape {
  const tokens = tokensOf(prompt)
  if (prompt.type === 'none' || prompt.type === 'start-token')
    return { type: 'direct', tokens: 0, width }
  if (prompt.type === 'direct') return { type: 'direct', tokens, width }
  if (prompt.type === 'subspace') return subspaceShape(prompt, width)
  if (conditions === 0)
    throw new Fault(
      'usage',
      `prompt.type ${prompt.type} is generated from conditions, but this experiment gives none`,
      'Choose prompt.type direct, or give the experiment conditions.',
    )
  if (prompt.type === 'linear') return { type: 'linear', tokens, width, conditions }
  const { hiddenLayers, hiddenWidth, residualWidth } = prompt
  if (prompt.type === 'mlp')
    return { type: 'mlp', tokens, width, conditions, hiddenLayers, hiddenWidth }
  return { type: prompt.type, tokens, width, conditions, hiddenLayers, hiddenWidth, residualWidth }
}

function subspaceShape(
  { tokens, dimensions, projection }: Extract<RunSpec['prompt'], { type: 'subspace' }>,
  width: number,
): PromptShape {
  const most = tokens * width
  if (dimensions <= most) return { type: 'subspace', tokens, width, dimensions, seed: projection }
  throw new Fault(
    'usage',
    `prompt.dimensions is ${dimensions}, but ${tokens} tokens of width ${width} hold only ${most} numbers`,
    `Choose 1 to ${most} dimensions, or more tokens.`,
  )
}

interface ModelAndTokenizer {
  readonly model: ModelFolder
  readonly tokenizer: Tokenizer
}

/** Model and tokenizer of a folder; its notes tell of ids that have no embedding row. */
export async function openModel(name: string, places: Places): Promise<ModelAndTokenizer> {
  const model = await openModelFolder(await locateModel(name, places))
  const tokenizer = withinRows(model, await openTriedTokenizer(model.path, places.home))
  const note = tokenizerNote(model, tokenizer)
  return note === undefined
    ? { model, tokenizer }
    : { model: { ...model, notes: [...model.notes, note] }, tokenizer }
}

/** The model of a run, with the weights that its spec asks for. */
export async function openModelOf(
  { model: name, weights }: Pick<RunSpec, 'model' | 'weights'>,
  options: PrepareOptions,
): Promise<ModelAndTokenizer> {
  const { model, tokenizer } = await openModel(name, options)
  if (weights === 'full') return { model, tokenizer }
  const { quantised: folder, hashes } = homePaths(options.home)
  return { model: await quantisedFolder(model, weights, { ...options, folder, hashes }), tokenizer }
}

/** Fault usage: the spec, which may come from elsewhere, starts a program that nobody here has allowed. */
async function refuseForeignCommand({ experiment }: RunSpec, home: string): Promise<void> {
  const command = behaviourOf(experiment.kind).commandOf?.(experiment)
  if (command === undefined) return
  const allowed = await readAllowedCommands(home)
  if (!allowed.includes(allowedKey(command))) throw notAllowed(command)
}

/** A chat template may get another day than the one that the first prompt learned with. */
async function withDayNote(model: ModelFolder, { prompt, data }: RunSpec): Promise<ModelFolder> {
  const init = 'init' in prompt ? prompt.init : undefined
  if (init?.kind !== 'snapshot') return model
  const note = otherDay(model.chatTemplate, await openSnapshot(init.path), data.date)
  return note === undefined ? model : { ...model, notes: [...model.notes, note] }
}

export async function prepare(spec: RunSpec, options: PrepareOptions): Promise<RunInputs> {
  await refuseForeignCommand(spec, options.home)
  options.onProgress('opening the model')
  const opened = await openModelOf(spec, options)
  const { tokenizer } = opened
  const model = await withDayNote(opened.model, spec)
  options.onProgress('opening the data')
  const data = await openRun(behaviourOf(spec.experiment.kind), {
    ...options,
    spec,
    model,
    tokenizer,
    onProgress: options.onProgress,
  })
  const shape = shapeOf(spec.prompt, model.config.hiddenSize, data.conditionNames.length)
  return { spec, model, tokenizer, data, shape }
}

/** The parameters before the first step, from the run's seed alone. */
export async function firstParameters({
  spec,
  model,
  tokenizer,
  shape,
}: RunInputs): Promise<Parameters> {
  const init = 'init' in spec.prompt ? spec.prompt.init : { kind: 'zero' as const }
  if (init.kind === 'snapshot') return parametersOf(init.path, shape)
  return initialParameters({
    shape,
    init,
    rng: rng(spec.seed, 'prompt-init'),
    embeddings: () => embeddingsOf(model),
    encode: text => tokenizer.encode(text, { special: false }),
  })
}

async function parametersOf(path: string, shape: PromptShape): Promise<Parameters> {
  const { metadata, parameters } = await openSnapshot(path)
  const [own, wanted] = [JSON.stringify(metadata.shape), JSON.stringify(shape)]
  if (own === wanted) return parameters
  throw new Fault(
    'shape',
    `the snapshot is ${own}, the run asks for ${wanted}`,
    'Give the run the type, the tokens and the sizes of the snapshot.',
  )
}

/** What the files of this run say of themselves. */
export function metadataOf(prepared: RunInputs, runId: string, step: number): SnapshotMetadata {
  const { spec, model, data, shape } = prepared
  const { training, optimizer } = spec
  return {
    source: 'workbench',
    model: model.id,
    shape,
    init: 'init' in spec.prompt ? JSON.stringify(spec.prompt.init) : spec.prompt.type,
    experiment: spec.experiment.kind,
    dataset: basename(spec.data.path),
    conditionNames: conditionCount(shape) === 0 ? [] : [...data.conditionNames],
    runId,
    step,
    createdAt: new Date().toISOString(),
    training: {
      modelPath: model.path,
      ...training,
      ...optimizer,
      seed: spec.seed,
      experiment: spec.experiment,
      start: spec.start,
      ...(spec.weights !== 'full' && { weights: spec.weights }),
      // chats with this prompt get the day that it learned with
      ...(asksDate(model.chatTemplate) && { date: spec.data.date }),
    },
  }
}
