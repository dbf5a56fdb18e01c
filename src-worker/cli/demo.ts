// spw demo: in about a minute, on any computer, what this is all about. Real model, real data, ordinary run folders.
import type { Command } from 'commander'
import { behaviours } from '../behaviours/registry'
import { Fault } from '../contract/fault'
import type { RunSpecInput } from '../contract/run-spec'
import { laidOver } from '../shared/plain-object'
import { demoEnding } from './demo-ending'
import { demoLocked } from './demo-locked'
import { lossOf, one } from './demo-run'
import { demoSweep } from './demo-sweep'
import { places, type Workbench, withWorkbench } from './engine'
import { action, durationText, exitCodes, type Terminal, table } from './terminal'

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

const demoNames = (): string[] =>
  behaviours().flatMap(({ shownAs }) => (shownAs === undefined ? [] : [shownAs.name]))

async function demoCommand(
  workbench: Workbench,
  terminal: Terminal,
  name: string,
): Promise<number> {
  const shown = behaviours().find(({ shownAs }) => shownAs?.name === name)
  if (shown?.shownAs === undefined)
    throw new Fault(
      'usage',
      `there is no demo ${name}`,
      `Choose locked, ${demoNames().join(', ')} or sweep.`,
    )
  const began = Date.now()
  terminal.say(`Soft Prompt Workbench demo: ${shown.shownAs.intention}.`)
  terminal.say(`The runs go to ${places().home}.\n`)
  const input = shown.demo()
  terminal.say('1 of 3: the model as it is')
  const none = await one(workbench, terminal, baseline(input, 'none'))
  terminal.say('2 of 3: the model after its start token')
  const start = none && (await one(workbench, terminal, baseline(input, 'start-token')))
  if (none === null || start === null) return exitCodes.interrupted
  const spec = await workbench.api.resolveSpec(input)
  terminal.say(`3 of 3: training, ${spec.training.steps} steps`)
  const trained = await one(workbench, terminal, input)
  if (trained === null) return exitCodes.interrupted
  const tokens = 'tokens' in spec.prompt ? spec.prompt.tokens : 0
  const ending = await demoEnding(workbench.api, shown.playground, trained)
  const losses = { none: lossOf(none), startToken: lossOf(start), trained: lossOf(trained) }
  const text = [
    '',
    lossTable(losses.none, losses.startToken, losses.trained, tokens),
    '',
    ending.text,
    '',
    `Done in ${durationText((Date.now() - began) / 1000)}. Try next:`,
    `  spw show ${trained.id}`,
    ...ending.next.map(line => `  ${line}`),
    '  npm start                      (the same in a window)',
  ].join('\n')
  terminal.answer({ run: trained.id, losses, ...ending.data }, text)
  return exitCodes.done
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo [what]')
    .description(
      'in a minute or two, on this machine: locked (a hidden skill), text (default), chess, paths, or sweep (minutes, with a report)',
    )
    .option('--out <file>', 'report of the sweep', 'demo-report.html')
    .action(
      action((terminal, what: string | undefined, { out }: { out: string }) =>
        withWorkbench(workbench => {
          if (what === 'locked') return demoLocked(workbench, terminal)
          return what === 'sweep'
            ? demoSweep(workbench, terminal, out)
            : demoCommand(workbench, terminal, what ?? 'text')
        }),
      ),
    )
}
