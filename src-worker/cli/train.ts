// spw train, sweep, resume, fork: runs in this very process, in the same folders as the app's.
import { stat } from 'node:fs/promises'
import { freemem } from 'node:os'
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import type { RunState } from '../contract/run'
import { type RunSpec, tokensOf } from '../contract/run-spec'
import { cellsOf } from '../spec/sweep'
import { homeFolder, homePaths, type Places, resourcesFolder } from '../train/home'
import { fittingAccumulation } from '../train/memory'
import { openModel } from '../train/prepare'
import { createRun, findRun, readState, readSummary, runFiles } from '../train/run-folder'
import { runTitle } from '../train/spec-name'
import { openSnapshot, writeSnapshot } from '../weights/snapshot-file'
import { existingCells } from '../workbench/cells'
import { extendRun, forkSpec } from '../workbench/fork'
import { frozenFor } from '../workbench/frozen'
import { openSeriesReader } from '../workbench/series'
import { dataNotes, readDataReport } from './data-notes'
import { numberFrom } from './numbers'
import { runInForeground } from './run-in-foreground'
import { addSpecOptions, changesOf, sweepOf } from './spec-options'
import { action, durationText, exitCodes, type Terminal, table } from './terminal'

export const places = (): Places => ({ home: homeFolder(), resources: resourcesFolder() })

interface Ended {
  readonly run: string
  readonly folder: string
  readonly state: RunState
  readonly finalTestLoss: number | null
}

const isBusy = (state: RunState): boolean => state.kind === 'failed' && state.fault.code === 'busy'

export async function trainFolder(folder: string, terminal: Terminal): Promise<Ended> {
  terminal.say(`run ${basename(folder)}`)
  const state = await runInForeground(folder, terminal)
  // another process works on it: what its files say is not of this call
  if (isBusy(state)) return { run: basename(folder), folder, state, finalTestLoss: null }
  const { metrics, trainingSeconds } = await readState(folder)
  const finalTestLoss = metrics[tags.finalTestLoss]?.last ?? null
  const loss =
    finalTestLoss === null ? '' : ` · final held-out loss ${finalTestLoss.toFixed(4)} nats`
  for (const note of dataNotes(await readDataReport(folder))) terminal.say(note)
  // so that the app draws it at once; a run without a cache is only slower
  await openSeriesReader(homePaths(places().home).seriesCache)
    .prepare(folder)
    .catch(() => false)
  const more = state.kind === 'stopped' ? ` · go on with: spw resume ${basename(folder)}` : ''
  terminal.say(`${state.kind} after ${durationText(trainingSeconds)}${loss}${more}`)
  return { run: basename(folder), folder, state, finalTestLoss }
}

function codeOf(ended: readonly Ended[]): number {
  if (ended.some(e => e.state.kind === 'stopped' || e.state.kind === 'paused'))
    return exitCodes.interrupted
  return ended.some(e => e.state.kind !== 'done') ? exitCodes.fault : exitCodes.done
}

function answer(terminal: Terminal, ended: readonly Ended[], single: boolean): number {
  const failed = ended.flatMap(({ state }) => (state.kind === 'failed' ? [state.fault] : []))
  for (const { code, message, fix } of terminal.json ? [] : failed)
    process.stderr.write(`\n${code}: ${message}\n${fix}\n`)
  const rows = ended.map(({ run, state, finalTestLoss }) => [
    run,
    isBusy(state) ? 'busy' : state.kind,
    finalTestLoss?.toFixed(4) ?? '',
  ])
  const text = single ? (ended[0]?.folder ?? '') : table(rows, ['run', 'state', 'final test loss'])
  terminal.answer(single ? ended[0] : ended, text)
  return codeOf(ended)
}

export async function sweepAll(
  cells: readonly RunSpec[],
  terminal: Terminal,
  label: { sweep: string },
): Promise<readonly Ended[]> {
  const { home } = places()
  const ended: Ended[] = []
  for (const [i, spec] of cells.entries()) {
    const existing = await existingCells(home, [spec])
    const found = existing[0]
    if (found?.state.kind === 'done') {
      terminal.say(`${i + 1} of ${cells.length}: ${runTitle(spec)}: done already (${found.id})`)
      const finalTestLoss = found.metrics[tags.finalTestLoss]?.last ?? null
      ended.push({ run: found.id, folder: found.folder, state: found.state, finalTestLoss })
      continue
    }
    terminal.say(`${i + 1} of ${cells.length}: ${runTitle(spec)} · seed ${spec.seed}`)
    ended.push(await trainFolder(found?.folder ?? (await createRun(home, spec, label)), terminal))
    if (codeOf(ended) === exitCodes.interrupted) break
  }
  return ended
}

/** The same batch in more micro-batches, when the memory asks for it. */
async function fitted(spec: RunSpec, terminal: Terminal): Promise<RunSpec> {
  const { model } = await openModel(spec.model, places())
  const accumulation = fittingAccumulation(spec, model, freemem()) ?? spec.training.accumulation
  if (accumulation === spec.training.accumulation) return spec
  terminal.say(
    `accumulation ${accumulation} instead of ${spec.training.accumulation}, to fit in memory`,
  )
  return { ...spec, training: { ...spec.training, accumulation } }
}

async function cellsFor(options: Record<string, unknown>, terminal: Terminal): Promise<RunSpec[]> {
  const cells = cellsOf(await sweepOf(options))
  if (options.fit !== true) return [...cells]
  return Promise.all(cells.map(spec => fitted(spec, terminal)))
}

/** Hours of training must not end at a file that cannot be written. */
async function outFile(out: unknown): Promise<string | undefined> {
  if (out === undefined) return undefined
  const path = resolve(String(out))
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory())
    throw new Fault('usage', `--out ${path} is a folder`, 'Name a file that does not exist yet.')
  return path
}

async function trainCommand(terminal: Terminal, options: Record<string, unknown>): Promise<number> {
  const out = await outFile(options.out)
  const cells = await cellsFor(options, terminal)
  const [spec] = cells
  if (spec === undefined || cells.length > 1)
    throw new Fault(
      'usage',
      `these options stand for ${cells.length} runs`,
      'Give one value each, or use `spw sweep`.',
    )
  const folder = await createRun(places().home, spec)
  const tokens = tokensOf(spec.prompt)
  terminal.say(`${runTitle(spec)}${tokens > 0 ? ` · ${spec.training.steps} steps` : ''}`)
  const ended = await trainFolder(folder, terminal)
  if (out !== undefined && ended.state.kind === 'done')
    await writeSnapshot(out, await openSnapshot(runFiles(folder).snapshot))
  return answer(terminal, [ended], true)
}

async function sweepCommand(terminal: Terminal, options: Record<string, unknown>): Promise<number> {
  const sweep = await sweepOf(options)
  const frozen = options.spec === undefined ? '' : await frozenFor(String(options.spec))
  const name = sweep.name === '' ? `sweep ${new Date().toISOString().slice(0, 16)}` : sweep.name
  const label = { sweep: frozen === '' ? name : `${name} [frozen ${frozen.slice(0, 12)}]` }
  return answer(terminal, await sweepAll(await cellsFor(options, terminal), terminal, label), false)
}

async function resumeCommand(
  terminal: Terminal,
  run: string,
  { steps }: { steps?: string },
): Promise<number> {
  const { home } = places()
  const folder = await findRun(home, run)
  const { id, readOnly, state, step, metrics } = await readSummary(folder, new Set())
  if (readOnly)
    throw new Fault('usage', `${id} was imported and holds no model`, 'Start a new run instead.')
  if (steps !== undefined) await extendRun(folder, numberFrom('steps', steps))
  else if (state.kind === 'done') {
    terminal.say(`${id} is done, at step ${step}; with --steps N it goes on`)
    const finalTestLoss = metrics[tags.finalTestLoss]?.last ?? null
    return answer(terminal, [{ run: id, folder, state, finalTestLoss }], true)
  }
  return answer(terminal, [await trainFolder(folder, terminal)], true)
}

async function forkCommand(
  terminal: Terminal,
  from: string,
  options: Record<string, unknown>,
): Promise<number> {
  const spec = await forkSpec(places(), from, await changesOf(options))
  return answer(terminal, [await trainFolder(await createRun(places().home, spec), terminal)], true)
}

export function addTrainCommands(program: Command): void {
  const fit = [
    '--fit',
    'more accumulation where the memory asks for it: same batch, same mathematics',
  ] as const
  addSpecOptions(
    program
      .command('train')
      .description('train one soft prompt')
      .option('--out <file>', 'also write the trained snapshot here')
      .option(...fit),
  ).action(action(trainCommand))
  addSpecOptions(
    program
      .command('sweep')
      .description(
        'train a grid of tokens, models, data and seeds; cells that are done are not run again',
      )
      .option(...fit)
      .option('--untrained', 'also evaluate an untrained prompt of each length'),
  ).action(action(sweepCommand))
  program
    .command('resume <run>')
    .description('go on with a paused, stopped, failed or interrupted run')
    .option('--steps <n>', 'go on to so many steps in all')
    .action(action(resumeCommand))
  addSpecOptions(
    program
      .command('fork <from>')
      .description('a new run that starts from a run, checkpoint or snapshot'),
  ).action(action(forkCommand))
}
