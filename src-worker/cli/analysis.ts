// spw analyze, report, import, freeze: from runs to "how many tokens does this behaviour need".

import type { Command } from 'commander'
import { analysisText } from '../analysis/text'
import {
  type AnalysisOptions,
  analysisOptionsSchema,
  reportFormats,
  type Threshold,
} from '../contract/analysis'
import { parseThreshold } from '../contract/analysis-text'
import { Fault } from '../contract/fault'
import { counted } from '../shared/counted'
import { quoted } from '../shared/shell'
import { wholePath, withWorkbench } from './engine'
import { parsedOptions } from './parsed-options'
import { addSpecOptions, sweepOf } from './spec-options'
import { action, type Terminal, table } from './terminal'

interface Options {
  readonly metric?: string
  readonly unit?: string
  readonly axis?: string
  readonly threshold?: string
  readonly thresholdFor?: readonly string[]
  readonly published: string
  readonly reference?: readonly string[]
  readonly draws?: string
  readonly out?: string
}

/** 'chess=2.4' → chess, 2.4 nats. Names may hold an equals sign, thresholds do not. Faults: usage. */
function ownThreshold(text: string): readonly [behaviour: string, threshold: Threshold] {
  const at = text.lastIndexOf('=')
  if (at > 0) return [text.slice(0, at), parseThreshold(text.slice(at + 1))]
  throw new Fault(
    'usage',
    `"${text}" does not say which behaviour has which threshold`,
    "Write a behaviour, an equals sign and a threshold, such as 'chess=2.4'.",
  )
}

function optionsOf(options: Options): AnalysisOptions {
  const {
    metric,
    unit = 'nats',
    axis = 'tokens',
    threshold,
    thresholdFor = [],
    draws,
    reference,
  } = options
  return parsedOptions(analysisOptionsSchema, {
    unit,
    axis,
    ...(metric === undefined ? {} : { metric }),
    ...(threshold === undefined ? {} : { threshold: parseThreshold(threshold) }),
    thresholds: Object.fromEntries(thresholdFor.map(ownThreshold)),
    ...(draws === undefined ? {} : { draws: Number(draws) }),
    ...(reference === undefined ? {} : { references: reference }),
    includePublished: options.published !== 'none',
    ...(options.published === 'all' ? { published: 'all' } : {}),
  })
}

async function analyzeCommand(
  terminal: Terminal,
  runs: string[],
  options: Options,
): Promise<number> {
  const asked = { runs, options: optionsOf(options), strict: true }
  const analysis = await withWorkbench(({ api }) => api.analyse(asked))
  terminal.answer(analysis, analysisText(analysis))
  return 0
}

async function reportCommand(
  terminal: Terminal,
  runs: string[],
  options: Options,
): Promise<number> {
  const to = wholePath(options.out ?? 'report.html')
  const asked = { runs, options: optionsOf(options), to, formats: [...reportFormats] }
  const { paths } = await withWorkbench(({ api }) => api.writeReport(asked))
  terminal.answer({ paths }, paths.join('\n'))
  return 0
}

async function importCommand(terminal: Terminal, path: string): Promise<number> {
  const { runs, notes } = await withWorkbench(
    ({ api }) => api.importTensorboard({ path: wholePath(path) }),
    {
      progress: ({ doing, fraction }) => terminal.progress(doing, fraction),
    },
  )
  terminal.answer(
    { runs, notes },
    [
      `${counted(runs.length, 'run')} imported, read-only`,
      ...notes.map(note => `note: ${note}`),
    ].join('\n'),
  )
  return 0
}

async function importEvalCommand(
  terminal: Terminal,
  file: string,
  { run: named }: { readonly run: string },
): Promise<number> {
  const path = wholePath(file)
  const { run, evaluation, replaced } = await withWorkbench(async ({ api }) => {
    const { id } = await api.findRun({ name: named })
    return { run: id, ...(await api.importEvaluation({ id, path })) }
  })
  const { metrics, heldOut, task, samples, leftOut, notes } = evaluation
  const rows = Object.entries(metrics).map(([tag, value]) => [
    ...[tag, value, heldOut[tag]?.sums.length ?? ''],
  ])
  const lines = [
    `${task}: ${samples} samples read, ${leftOut} without a score left out; measures of ${run}`,
    ...notes,
    ...(replaced > 0 ? [`replaced: ${replaced} evaluations imported before`] : []),
    '',
    table(rows, ['metric', 'value', 'samples']),
  ]
  terminal.answer({ run, evaluation, replaced }, lines.join('\n'))
  return 0
}

async function freezeCommand(
  terminal: Terminal,
  options: Record<string, unknown>,
): Promise<number> {
  const sweep = await sweepOf(options)
  const thresholds = { all: parseThreshold(String(options.threshold ?? '90%')) }
  const asked = { sweep, thresholds, note: String(options.note ?? '') }
  const frozen = await withWorkbench(({ api }) => api.freezeSweep(asked))
  terminal.answer(
    frozen,
    `frozen as ${frozen.hash}\nstart it with: spw sweep --spec ${quoted(frozen.path)}`,
  )
  return 0
}

function addOptions(command: Command): Command {
  return command
    .option('--metric <tag>', 'a final metric; default: the final held-out loss')
    .option('--unit <unit>', 'nats, bits or perplexity')
    .option(
      '--axis <axis>',
      'what prompts are counted in: tokens, numbers (those that are trained) or bits (paid in training, after spw bits)',
      'tokens',
    )
    .option(
      '--threshold <t>',
      'a value such as 2.75, 3.9bits or 15perplexity, or a share of the gap such as 90%',
    )
    .option(
      '--threshold-for <behaviour=t...>',
      "a threshold of one behaviour's own, by its name in the answer, such as 'skip 2=2.9'",
    )
    .option('--reference <runs...>', 'runs drawn as lines across the curves')
    .option('--draws <n>', 'draws of the bootstrap; 0: no intervals')
    .option(
      '--published <which>',
      "the paper's runs: matching (beside one's own), all, or none",
      'matching',
    )
}

export function addAnalysisCommands(program: Command): void {
  addOptions(
    program
      .command('analyze [runs...]')
      .alias('analyse')
      .description(
        'how many soft prompt tokens does each behaviour need; without runs: all of them',
      ),
  ).action(action(analyzeCommand))
  addOptions(
    program
      .command('report [runs...]')
      .description('one self-contained HTML file, with JSON, CSV and SVG beside it')
      .option('--out <file>', 'the HTML file, or a folder', 'report.html'),
  ).action(action(reportCommand))
  program
    .command('import <path>')
    .description('TensorBoard logs (a folder or an archive) as read-only runs')
    .action(action(importCommand))
  program
    .command('import-eval <file>')
    .description('a log of Inspect (.eval or .json) as measures of a run')
    .requiredOption('--run <run>', 'the run whose prompted model was evaluated')
    .action(action(importEvalCommand))
  addSpecOptions(
    program
      .command('freeze')
      .description('pre-register a sweep: its hash and time, and the threshold, before it starts')
      .option('--untrained', 'also untrained prompts')
      .option('--threshold <t>', 'as of analyze', '90%')
      .option('--note <text>', 'what is expected'),
  ).action(action(freezeCommand))
}
