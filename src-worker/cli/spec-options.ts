// The flags of `spw train`, `sweep` and `plan` become a sweep spec; `--spec FILE` brings one (or a RunSpec) as JSON.
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../contract/fault'
import { frozenSweepSchema } from '../contract/frozen-sweep'
import type { RunSpecInput, SweepSpec } from '../contract/run-spec'
import { scorerOf } from '../contract/scorer'
import { checkedSweep, sweepOfFile } from '../contract/spec-check'
import { fitting } from '../shared/json'
import { laidOver, withField } from '../shared/plain-object'
import { specFlags } from '../spec/command-line'
import { experimentFrom, initFrom, startFrom } from '../spec/short-forms'
import { homeFolder } from '../train/home'
import { readSmallText } from '../weights/plain-file'
import { allowScorers } from './allow-scorer'
import { isElsewhere, wholePath } from './engine'

type Options = Record<string, unknown>

const camel = (flag: string): string => flag.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase())

/** @param grid several values of a flag are an axis of a sweep */
export function addSpecOptions(command: Command, grid = false): Command {
  const more = grid ? '...' : ''
  command
    .option('--spec <file>', 'a run or sweep as JSON; other flags are laid over it')
    .option(
      `--experiment <name${more}>`,
      'autoregressive, skip-tokens:2, repetition:TEXT, favor-future:4, chat-detuning, chess, pathfinding, custom, or JSON',
    )
    .option('--model <folder...>', 'model folders or names of the library')
    .option('--data <path...>', "files, folders or URLs; 'demo' for the bundled data")
    .option('--tokens <n...>', 'soft prompt tokens; 0 in a sweep: the baselines')
    .option('--seed <n...>', 'seeds')
    .option('--init <how>', 'zero, normal:0.1, vocabulary, text:…, snapshot:PATH')
    .option('--allow-scorer', 'the program of a scorer that --spec names may run on this machine')
    .option('--start <where>', 'index of the token before which the soft prompt goes, or random')
  const values = { text: ` <text${more}>`, number: ` <n${more}>`, switch: '' } as const
  for (const { flag, kind, help } of specFlags)
    command.option(`--${flag}${flag === 'name' ? ' <text>' : values[kind]}`, help)
  return command.addHelpText(
    'after',
    '\nWhat is not given is as in the paper, for this experiment, model and number of tokens.',
  )
}

function numberOf(flag: string, text: unknown): number {
  const value = Number(text)
  if (typeof text !== 'boolean' && text !== '' && Number.isFinite(value)) return value
  throw new Fault('usage', `--${flag} ${text} is not a number`, `Give --${flag} a number.`)
}

/** bytes; a sweep of a thousand cells has 200 kB */
const largestSpec = 16e6
const readText = (path: string): Promise<string> => readSmallText(path, largestSpec)

/** Without the byte order mark with which editors of Windows begin a file. */
const withoutMark = (text: string): string => text.replace(/^\ufeff/, '')

const readSpecFile = async (path: string): Promise<SweepSpec> =>
  sweepOfFile(await readText(path), path)

/** Hash of the frozen sweep that --spec names, or empty. */
export async function frozenOf({ spec }: Options): Promise<string> {
  if (spec === undefined) return ''
  return fitting(frozenSweepSchema, withoutMark(await readText(String(spec))))?.hash ?? ''
}

/** The values of each flag that was given several: axes of a sweep, by the path of their field. */
function overOf(options: Options): Record<string, unknown[]> {
  const over: Record<string, unknown[]> = {}
  const several = (flag: string): string[] => {
    const given = texts(options[camel(flag)])
    return given.length > 1 ? given : []
  }
  const experiments = several('experiment').map(experimentOfText)
  if (experiments.length > 0) over.experiment = experiments
  for (const { flag, path, kind } of specFlags) {
    const given = several(flag)
    if (given.length > 0)
      over[path] = kind === 'number' ? given.map(text => numberOf(flag, text)) : given
  }
  return over
}

/** Flags of one value, however they were given. */
const singles = (options: Options): Options =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      if (!Array.isArray(value)) return [[name, value]]
      return value.length === 1 ? [[name, value[0]]] : []
    }),
  )

function baseOf(given: Options): RunSpecInput {
  const options = singles(given)
  let base: Record<string, unknown> = {}
  const set = (path: string, value: unknown): void => {
    base = withField(base, path, value)
  }
  // first: flags such as --separator are fields of the experiment
  if (options.experiment !== undefined)
    set('experiment', experimentOfText(String(options.experiment)))
  for (const { flag, path, kind } of specFlags) {
    const given = options[camel(flag)]
    if (given === undefined) continue
    set(path, kind === 'number' ? numberOf(flag, given) : given)
  }
  if (options.init !== undefined) set('prompt.init', initFrom(String(options.init)))
  if (options.start !== undefined) set('start', startFrom(String(options.start)))
  return base as RunSpecInput
}

function experimentOfText(text: string): unknown {
  try {
    return experimentFrom(text)
  } catch (cause) {
    throw new Fault('usage', `--experiment ${text} is not JSON`, 'Give a name or proper JSON.', {
      cause,
    })
  }
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

/** The sweep that the flags stand for; a single run is a sweep whose axes have one value each. */
export async function sweepOf(options: Options): Promise<SweepSpec> {
  const file = options.spec === undefined ? undefined : await readSpecFile(String(options.spec))
  const numbers = (flag: string): number[] => texts(options[flag]).map(t => numberOf(flag, t))
  const models = texts(options.model)
  const datasets = texts(options.data)
  const over = (mine: readonly unknown[], theirs: readonly unknown[] | undefined) =>
    mine.length > 0 ? mine : (theirs ?? [])
  const axes = { ...file?.over, ...overOf(options) }
  const sweep = {
    ...(Object.keys(axes).length === 0 ? {} : { over: axes }),
    name: String(options.name ?? file?.name ?? ''),
    base: laidOver(file?.base ?? {}, baseOf(options)),
    models: over(models, file?.models),
    datasets: over(datasets, file?.datasets),
    tokens: over(numbers('tokens'), file?.tokens),
    seeds: over(numbers('seed'), file?.seeds),
    untrained: options.untrained === true || file?.untrained === true,
  }
  const whole = await withWholePaths(checkedSweep(sweep))
  const typed = await withWholePaths({ ...whole, base: baseOf(options), over: overOf(options) })
  // another machine has a list of its own, and refuses what is not in it
  if (!isElsewhere()) await allowScorers(homeFolder(), whole, typed, options.allowScorer === true)
  return whole
}

const ofTraining = /^(?:prompt|optimizer)\.|^training\.steps$/

/** A snapshot that is evaluated is the prompt, and nothing is trained. Faults: `usage`, naming flags that say otherwise. */
export function refuseTraining(options: Options): void {
  const flags = specFlags.filter(({ path }) => ofTraining.test(path)).map(({ flag }) => flag)
  const given = [...flags, 'tokens', 'init'].filter(flag => options[camel(flag)] !== undefined)
  if (given.length === 0) return
  throw new Fault(
    'usage',
    `${given.map(flag => `--${flag}`).join(', ')}: an evaluation trains nothing, and its prompt is the snapshot`,
    'Leave it out, or use `spw fork` to train on.',
  )
}

/** What the flags of `fork` and `eval` change in one spec. Faults: `usage` when a flag has several values. */
export async function changesOf(options: Options): Promise<RunSpecInput> {
  const { base, models, datasets, tokens, seeds, over = {} } = await sweepOf(options)
  for (const path of Object.keys(over))
    throw new Fault('usage', `${path} has several values`, 'Give it one value, or use `spw sweep`.')
  const one = <T>(flag: string, values: readonly T[]): T | undefined => {
    if (values.length < 2) return values[0]
    throw new Fault('usage', `--${flag} has ${values.length} values`, `Give --${flag} one value.`)
  }
  const length = one('tokens', tokens)
  return laidOver(base, {
    model: one('model', models),
    data: datasets.length === 0 ? undefined : { path: one('data', datasets) },
    prompt: length === undefined ? undefined : { tokens: length },
    seed: one('seed', seeds),
  }) as RunSpecInput
}

// Relative paths of a spec count from the folder of the call. A run goes on from any folder, so its spec keeps whole ones.

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The whole path of what is there; everything else (demo, URLs, names of the library) as it is. */
async function whole(path: string, inside = ''): Promise<string> {
  // what is no text is left to the schema to refuse
  if (typeof path !== 'string' || path === '' || path === 'demo' || path === 'procedural')
    return path
  if (isElsewhere()) return /^[.~]/.test(path) ? wholePath(path) : path
  return (await exists(join(resolve(path), inside))) ? resolve(path) : path
}

const wholeModel = (name: string): Promise<string> => whole(name, 'config.json')

/** The files that the arguments of a scorer's program name, as whole paths: a run goes on from any folder. */
async function wholeScorer(experiment: RunSpecInput['experiment']): Promise<unknown> {
  const { scorer, ...rest } = (experiment ?? {}) as { readonly scorer?: unknown }
  const command = typeof scorer === 'string' ? scorerOf(scorer) : undefined
  if (command?.kind !== 'command' || command.shell) return experiment
  const { argv, shell, seconds } = command
  const named = await Promise.all(
    argv.map(async (word, i) => (i > 0 || word.includes('/') ? whole(word) : word)),
  )
  if (named.every((word, i) => word === argv[i])) return experiment
  return { ...rest, scorer: `command:${JSON.stringify({ argv: named, shell, seconds })}` }
}

async function wholeBase(base: RunSpecInput): Promise<RunSpecInput> {
  const { model, data, prompt } = base
  const init = prompt !== undefined && 'init' in prompt ? prompt.init : undefined
  const snapshot = init?.kind === 'snapshot' ? init.path : undefined
  return laidOver(base, {
    model: model && (await wholeModel(model)),
    experiment: await wholeScorer(base.experiment),
    data: data && {
      path: data.path && (await whole(data.path)),
      testPath: data.testPath && (await whole(data.testPath)),
    },
    prompt: snapshot && { init: { path: await whole(snapshot) } },
  }) as RunSpecInput
}

/** The sweep with models, data and snapshots as whole paths. */
export async function withWholePaths(sweep: SweepSpec): Promise<SweepSpec> {
  return {
    ...sweep,
    base: await wholeBase(sweep.base),
    models: await Promise.all(sweep.models.map(wholeModel)),
    datasets: await Promise.all(sweep.datasets.map(path => whole(path))),
  }
}
