// spw demo: in about a minute, on any computer, what this is all about. Real model, real data, ordinary run folders.
import type { Command } from 'commander'
import { Fault } from '../contract/fault'
import { runDemo } from './demo-run'
import { demoSweep } from './demo-sweep'
import { type Workbench, withWorkbench } from './engine'
import { action, type Terminal } from './terminal'

async function namedDemo(
  workbench: Workbench,
  terminal: Terminal,
  name: string | undefined,
): Promise<number> {
  const demos = await workbench.api.demos({})
  const found = name === undefined ? demos[0] : demos.find(demo => demo.name === name)
  if (found === undefined)
    throw new Fault(
      'usage',
      `there is no demo ${name}`,
      `Choose ${demos.map(demo => demo.name).join(', ')} or sweep.`,
    )
  if (name === undefined) {
    const others = demos.filter(demo => demo !== found).map(demo => demo.name)
    terminal.say(`This is spw demo ${found.name}; there are also ${others.join(', ')} and sweep.\n`)
  }
  return runDemo(workbench, terminal, found)
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo [what]')
    .description(
      'in a minute or two, on this machine: locked (a hidden skill; default), shout, chess, paths, polite, text, or sweep (minutes, with a report)',
    )
    .option('--out <file>', 'report of the sweep', 'demo-report.html')
    .action(
      action((terminal, what: string | undefined, { out }: { out: string }) =>
        withWorkbench(workbench =>
          what === 'sweep'
            ? demoSweep(workbench, terminal, out)
            : namedDemo(workbench, terminal, what),
        ),
      ),
    )
}
