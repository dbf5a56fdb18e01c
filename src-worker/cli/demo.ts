// spw demo: in about a minute, on any computer, what this is all about. Real model, real data, ordinary run folders.
import { basename } from 'node:path'
import type { Command } from 'commander'
import { experimentOf } from '../behaviours/registry'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import type { RunSpecInput } from '../contract/run-spec'
import { laidOver, resolveSpec } from '../spec/resolve'
import { createRun, readState } from '../train/run-folder'
import { demoEnding } from './demo-ending'
import { demoSweep } from './demo-sweep'
import { runInForeground } from './run-in-foreground'
import { action, durationText, exitCodes, type Terminal, table } from './terminal'
import { places } from './train'

const kinds = { text: 'autoregressive', chess: 'chess', paths: 'pathfinding' } as const
type Demo = keyof typeof kinds

const intentions: Readonly<Record<Demo, string>> = {
  text: 'train 16 soft prompt tokens that make a small model read old books a little better',
  chess:
    'train a soft prompt, made from both players’ Elos, that makes a small text model play chess',
  paths:
    'train a soft prompt, made from the wanted path quality, that makes a small text model walk mazes',
}

export interface Trained {
  readonly folder: string
  readonly loss: number
}

/** One run of the demo; null: it was stopped or failed, and said so. */
async function one(terminal: Terminal, input: RunSpecInput): Promise<Trained | null> {
  const folder = await createRun(places().home, resolveSpec(input), { sweep: 'demo' })
  const state = await runInForeground(folder, terminal)
  if (state.kind === 'failed') terminal.say(`${state.fault.message} ${state.fault.fix}`)
  if (state.kind !== 'done') return null
  const { metrics } = await readState(folder)
  return { folder, loss: metrics[tags.finalTestLoss]?.last ?? Number.NaN }
}

/** A baseline evaluates the same held-out data without any soft prompt. */
const baseline = (demo: RunSpecInput, type: 'none' | 'start-token'): RunSpecInput => {
  const { prompt: _prompt, ...rest } = demo
  const bare = {
    prompt: { type },
    training: { steps: 0 },
    results: { prompts: 0, metricSamples: 0 },
  }
  return laidOver(rest, bare) as RunSpecInput
}

function lossTable(none: number, start: number, trained: number, tokens: number): string {
  const best = Math.min(none, start)
  const row = (name: string, loss: number): (string | number)[] => [
    name,
    loss.toFixed(4),
    (best - loss).toFixed(4),
  ]
  return table(
    [
      row('no prompt', none),
      row('start token alone', start),
      row(`soft prompt of ${tokens} tokens`, trained),
    ],
    ['held-out loss', 'nats/token', 'gain'],
  )
}

async function demoCommand(terminal: Terminal, name: string): Promise<number> {
  if (!(name in kinds))
    throw new Fault('usage', `there is no demo ${name}`, 'Choose text, chess, paths or sweep.')
  const which = name as Demo
  const began = Date.now()
  terminal.say(`Soft Prompt Workbench demo: ${intentions[which]}.`)
  terminal.say(`The runs go to ${places().home}.\n`)
  const input = experimentOf(kinds[which]).demo()
  terminal.say('1 of 3: the model as it is')
  const none = await one(terminal, baseline(input, 'none'))
  terminal.say('2 of 3: the model after its start token')
  const start = none && (await one(terminal, baseline(input, 'start-token')))
  if (none === null || start === null) return exitCodes.interrupted
  const spec = resolveSpec(input)
  terminal.say(`3 of 3: training, ${spec.training.steps} steps`)
  const trained = await one(terminal, input)
  if (trained === null) return exitCodes.interrupted
  const tokens = 'tokens' in spec.prompt ? spec.prompt.tokens : 0
  const ending = await demoEnding(which, trained.folder)
  const text = [
    '',
    lossTable(none.loss, start.loss, trained.loss, tokens),
    '',
    ending.text,
    '',
    `Done in ${durationText((Date.now() - began) / 1000)}. Try next:`,
    `  spw show ${basename(trained.folder)}`,
    ...ending.next.map(line => `  ${line}`),
    '  npm start                      (the same in a window)',
  ].join('\n')
  const losses = { none: none.loss, startToken: start.loss, trained: trained.loss }
  terminal.answer({ run: basename(trained.folder), losses, ...ending.data }, text)
  return exitCodes.done
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo [what]')
    .description(
      'in a minute, on this machine: text (default), chess, paths, or sweep (minutes, with a report)',
    )
    .option('--out <file>', 'report of the sweep', 'demo-report.html')
    .action(
      action((terminal, what: string | undefined, { out }: { out: string }) =>
        what === 'sweep' ? demoSweep(terminal, out) : demoCommand(terminal, what ?? 'text'),
      ),
    )
}
