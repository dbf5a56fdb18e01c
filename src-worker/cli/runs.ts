// spw runs, show, convert: what is there, and snapshots in other forms.
import { stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import { lossesMeaned, type RunDetail, type RunSummary } from '../contract/run'
import { tokensOf } from '../contract/run-spec'
import { bakedRows } from '../sample/bake'
import { commandOfRun } from '../spec/command-line'
import { ratedCheckpoints } from '../train/checkpoint-losses'
import { homePaths } from '../train/home'
import { findRun, readProvenance, readSummary, runFiles, runIds } from '../train/run-folder'
import { exportPeft } from '../weights/peft'
import { openSnapshot, writeSnapshot } from '../weights/snapshot-file'
import { dataNotes, readDataReport } from './data-notes'
import { numbersFrom } from './numbers'
import { action, bytesText, durationText, type Terminal, table } from './terminal'
import { places } from './train'

/** @param report is called for runs whose files are broken */
async function allRuns(
  home: string,
  report: (line: string) => void,
): Promise<readonly RunSummary[]> {
  const found = (await runIds(home)).map(id =>
    readSummary(join(homePaths(home).runs, id), new Set()).catch(error => {
      report(`${id} cannot be read: ${(error as Error).message}`)
    }),
  )
  return (await Promise.all(found)).filter(r => r !== undefined)
}

const lossText = (run: RunSummary, tag: string): string => run.metrics[tag]?.last.toFixed(4) ?? ''

async function runsCommand(terminal: Terminal): Promise<number> {
  const runs = await allRuns(places().home, line => process.stderr.write(`${line}\n`))
  const rows = runs.map(r => [
    r.id,
    r.state.kind,
    r.spec.experiment.kind,
    basename(r.spec.model),
    tokensOf(r.spec.prompt),
    r.spec.seed,
    `${r.step}/${r.spec.training.steps}`,
    lossText(r, tags.loss),
    lossText(r, tags.finalTestLoss),
  ])
  const headings = [
    'run',
    'state',
    'experiment',
    'model',
    'tokens',
    'seed',
    'step',
    'loss',
    'final test',
  ]
  const empty = 'No runs yet. Try `spw demo`, or `spw train --help`.'
  terminal.answer(runs, runs.length === 0 ? empty : table(rows, headings))
  return 0
}

export async function detailOf(folder: string): Promise<RunDetail> {
  const snapshot = runFiles(folder).snapshot
  const done = await stat(snapshot).catch(() => undefined)
  return {
    summary: await readSummary(folder, new Set()),
    provenance: await readProvenance(folder),
    checkpoints: [...(await ratedCheckpoints(folder))],
    snapshot: done === undefined ? null : snapshot,
    dataReport: await readDataReport(folder),
  }
}

function detailText(detail: RunDetail): string {
  const { summary, provenance, checkpoints, snapshot, dataReport } = detail
  const { spec, state, metrics } = summary
  const facts: readonly (readonly [string, string])[] = [
    ['name', summary.name],
    ['folder', summary.folder],
    [
      'state',
      state.kind === 'failed' ? `failed: ${state.fault.message} ${state.fault.fix}` : state.kind,
    ],
    ['step', `${summary.step} of ${spec.training.steps}`],
    ['trained for', durationText(summary.trainingSeconds)],
    ['model', spec.model],
    ['data', spec.data.path],
    ...dataNotes(dataReport).map(note => ['', note] as const),
    ['prompt', JSON.stringify(spec.prompt)],
    ['seed', String(spec.seed)],
    ['device', provenance?.device ?? spec.device],
    ['snapshot', snapshot ?? 'not yet'],
    ['command', commandOfRun(spec)],
  ]
  const width = Math.max(...facts.map(([k]) => k.length))
  const scalars = Object.entries(metrics).map(([tag, m]) => [tag, m.last, m.min, m.max])
  const loss = (x: number | null): string => x?.toFixed(4) ?? ''
  const saved = checkpoints.map(c => [c.step, bytesText(c.bytes), loss(c.loss), loss(c.trainLoss)])
  const savedHead = ['checkpoint', 'size', 'held-out loss', `training loss, ${lossesMeaned} steps`]
  return [
    ...facts.map(([k, v]) => `${k.padEnd(width)}  ${v}`),
    '',
    table(scalars, ['metric', 'last', 'least', 'largest']),
    '',
    saved.length === 0 ? 'no checkpoints' : table(saved, savedHead),
  ].join('\n')
}

async function showCommand(terminal: Terminal, run: string): Promise<number> {
  const detail = await detailOf(await findRun(places().home, run))
  terminal.answer(detail, detailText(detail))
  return 0
}

/** A PEFT adapter is a folder: a name that promises some other file is a mistake. */
function checkOutput(to: string): void {
  if (to !== '' && !/\.(pt|pth|bin|ckpt|zip|npz|json|gguf)$/i.test(to)) return
  throw new Fault(
    'usage',
    `${to === '' ? 'an empty name' : to} cannot be written: snapshots become .safetensors files or PEFT folders`,
    'End the name in .safetensors, or name a folder.',
  )
}

async function convertCommand(
  terminal: Terminal,
  from: string,
  to: string,
  { conditions = '' }: { conditions?: string },
): Promise<number> {
  checkOutput(to)
  const snapshot = await openSnapshot(from)
  const values = numbersFrom('conditions', conditions)
  if (extname(to) === '.safetensors') await writeSnapshot(to, snapshot)
  else await exportPeft(to, snapshot, await bakedRows(snapshot, values))
  const { shape, model } = snapshot.metadata
  const what = `${shape.type} prompt of ${shape.tokens} tokens for ${model}`
  terminal.answer({ from, to, metadata: snapshot.metadata }, `${what} → ${to}`)
  return 0
}

export function addRunCommands(program: Command): void {
  program
    .command('runs')
    .description('all runs, with their states and losses')
    .action(action(runsCommand))
  program.command('show <run>').description('everything about one run').action(action(showCommand))
  program
    .command('convert <in> <out>')
    .description(
      'a snapshot (.pt of the original, ours, PEFT) as ours (OUT ends in .safetensors) or as a PEFT folder',
    )
    .option('--conditions <list>', 'conditions to bake into a PEFT adapter, comma separated')
    .action(action(convertCommand))
}
