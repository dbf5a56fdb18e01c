// spw runs, show, convert: what is there, and snapshots in other forms.

import { basename, extname } from 'node:path'
import type { Command } from 'commander'
import { bitsSentence } from '../contract/bits'
import { faultText } from '../contract/fault'
import { tags } from '../contract/metrics'
import { lossesMeaned, type Provenance, type RunDetail, type RunSummary } from '../contract/run'
import { type RunSpec, tokensOf } from '../contract/run-spec'
import { shownLine } from '../contract/shown-text'
import { deviationText } from '../shared/deviation'
import { dataNotes } from './data-notes'
import { withWorkbench } from './engine'
import { sayJobs } from './jobs'
import { numbersFrom } from './parsed-options'
import { action, bytesText, durationText, exitCodes, type Terminal, table } from './terminal'

const lossText = (run: RunSummary, tag: string): string => run.metrics[tag]?.last.toFixed(4) ?? ''

async function runsCommand(terminal: Terminal): Promise<number> {
  // runs that cannot be read hide no other
  const [runs, jobs] = await withWorkbench(
    async ({ api }) => [await api.runs({}), await api.jobs({})] as const,
    {
      log: lines => {
        for (const { run, line } of lines) if (run === '') terminal.complain(line)
      },
    },
  )
  const rows = runs.map(r => [
    r.id,
    r.state.kind,
    r.behaviour,
    basename(r.spec.model),
    tokensOf(r.spec.prompt),
    r.spec.seed,
    `${r.step}/${r.spec.training.steps}`,
    lossText(r, tags.loss),
    lossText(r, tags.testLoss),
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
    'quick test',
    'final test',
  ]
  sayJobs(terminal, jobs)
  const empty = 'No runs yet. Try `spw demo`, or `spw train --help`.'
  terminal.answer(runs, runs.length === 0 ? empty : table(rows, headings))
  return 0
}

type Fact = readonly [string, string]

function weightsFacts({ weights }: RunSpec, provenance: Provenance | null): readonly Fact[] {
  const found = provenance?.weightsDeviation
  const facts: Fact[] = weights === 'full' ? [] : [['weights', weights]]
  return found ? [...facts, ['first batch', deviationText(found)]] : facts
}

const evaluationFacts = (evaluations: RunDetail['evaluations']): readonly Fact[] =>
  evaluations.flatMap(({ file, sha256, task, model, created, inspectVersion, notes, ...of }) => [
    ['evaluation', `${task} of ${model}, ${created}, Inspect ${inspectVersion}`] as const,
    ['', `${file} (sha256 ${sha256}), imported at step ${of.step}`] as const,
    ['', `${of.samples} samples, ${of.leftOut} left out`] as const,
    ...notes.map(note => ['', note] as const),
  ])

function detailText(detail: RunDetail, command: string): string {
  const { summary, provenance, checkpoints, snapshot, evaluations, dataReport } = detail
  const { spec, state, metrics, unmeasured = {} } = summary
  const facts: readonly Fact[] = [
    ['name', summary.name],
    ['folder', summary.folder],
    ['state', state.kind === 'failed' ? `failed: ${faultText(state.fault)}` : state.kind],
    ['step', `${summary.step} of ${spec.training.steps}`],
    ['trained for', durationText(summary.trainingSeconds)],
    ['model', spec.model],
    ['data', spec.data.path],
    ...dataNotes(dataReport).map(note => ['', note] as const),
    ['prompt', JSON.stringify(spec.prompt)],
    ['seed', String(spec.seed)],
    ['device', provenance?.device ?? spec.device],
    ...weightsFacts(spec, provenance),
    ['snapshot', snapshot ?? 'not yet'],
    ...(detail.bits === null ? [] : [['bits', bitsSentence(detail.bits)] as const]),
    ...evaluationFacts(evaluations),
    ['command', command],
  ]
  const width = Math.max(...facts.map(([k]) => k.length))
  const scalars = [
    ...Object.entries(metrics).map(([tag, m]) => [tag, m.last, m.min, m.max]),
    ...Object.entries(unmeasured).map(([tag, why]) => [tag, `not measured: ${why}`, '', '']),
  ]
  const loss = (x: number | null): string => x?.toFixed(4) ?? ''
  const saved = checkpoints.map(c => [
    ...[c.step, bytesText(c.bytes), loss(c.quickTest), loss(c.fullTest), loss(c.trainLoss)],
  ])
  const savedHead = ['checkpoint', 'size', 'quick test', 'full test']
  savedHead.push(`training loss, ${lossesMeaned} steps`)
  return [
    ...facts.map(([k, v]) => `${k.padEnd(width)}  ${shownLine(v)}`),
    '',
    table(scalars, ['metric', 'last', 'least', 'largest']),
    '',
    saved.length === 0 ? 'no checkpoints' : table(saved, savedHead),
  ].join('\n')
}

async function showCommand(terminal: Terminal, run: string): Promise<number> {
  const [detail, command] = await withWorkbench(async ({ api }) => {
    const { id } = await api.findRun({ name: run })
    return [await api.run({ id }), await api.runCommand({ id })] as const
  })
  terminal.answer(detail, detailText(detail, command))
  return 0
}

async function convertCommand(
  terminal: Terminal,
  from: string,
  to: string,
  { conditions = '', embeds = false }: { conditions?: string; embeds?: boolean },
): Promise<number> {
  const formats = { '.safetensors': 'workbench', '.pt': 'original' } as const
  const ours = formats[extname(to) as keyof typeof formats] ?? 'peft'
  const format = embeds ? 'prompt-embeds' : ours
  const asked = {
    path: from,
    to,
    format,
    conditions: numbersFrom('conditions', conditions),
  } as const
  const { metadata } = await withWorkbench(({ api }) => api.exportSnapshot(asked))
  const { shape, model } = metadata
  const what = `${shape.type} prompt of ${shape.tokens} tokens for ${model}`
  terminal.answer({ from, to, metadata }, `${what} → ${to}`)
  return 0
}

async function doctorCommand(
  terminal: Terminal,
  { fix = false }: { fix?: boolean },
): Promise<number> {
  const { findings, checked } = await withWorkbench(
    ({ api }) => api.checkHome({ request: 'doctor', fix }),
    { progress: ({ doing, fraction }) => terminal.progress(doing, fraction) },
  )
  const text = findings.map(({ path, what, fix: how, state }) =>
    [`${state}: ${shownLine(path)}`, `  ${shownLine(what)}`, `  ${shownLine(how)}`].join('\n'),
  )
  const left = findings.filter(({ state }) => state !== 'fixed').length
  const fixable = findings.filter(({ state }) => state === 'fixable').length
  const looked = Object.entries(checked).map(([part, n]) => (n > 1 ? `${n} ${part}` : part))
  const next = fixable > 0 ? ` \`spw doctor --fix\` repairs ${fixable} of them.` : ''
  const total =
    findings.length === 0
      ? `Checked ${looked.join(', ')}: all is whole.`
      : `Checked ${looked.join(', ')}: ${findings.length} findings, ${left} left.${next}`
  terminal.answer({ findings, checked }, [...text, total].join('\n'))
  return left === 0 ? exitCodes.done : exitCodes.fault
}

export function addRunCommands(program: Command): void {
  program
    .command('runs')
    .description('all runs, with their states and losses')
    .action(action(runsCommand))
  program
    .command('doctor')
    .description('runs, snapshots, caches and the trash against their checksums')
    .option('--fix', 'repair what can be repaired')
    .action(action(doctorCommand))
  program.command('show <run>').description('everything about one run').action(action(showCommand))
  program
    .command('convert <in> <out>')
    .description(
      "a snapshot (.pt of the original, ours, PEFT) as ours (OUT ends in .safetensors), as the original's (.pt) or as a PEFT folder",
    )
    .option(
      '--embeds',
      'the rows alone [P, H] as a torch tensor (OUT ends in .pt) or safetensors, for prompt_embeds of vLLM',
    )
    .option('--conditions <list>', 'conditions to bake into what is not ours, comma separated')
    .action(action(convertCommand))
}
