// spw bits: what the training of a run gained in bits, and whether that was found or paid for.
import type { Command } from 'commander'
import { type BitsAnswer, bitsHeadings, bitsRows, bitsScope, bitsSentence } from '../contract/bits'
import { Fault, fromData } from '../contract/fault'
import { type Workbench, withWorkbench } from './engine'
import { followRuns } from './follow-runs'
import { onStopSignal } from './stop-signal'
import { action, exitCodes, type Terminal, table } from './terminal'

interface Options {
  readonly control?: string
  readonly makeControl?: boolean
}

const request = 'bits'

/** The id of the control that was named or made; empty: none; undefined: its training was stopped. */
async function controlOf(
  workbench: Workbench,
  terminal: Terminal,
  run: string,
  { control = '', makeControl = false }: Options,
): Promise<string | undefined> {
  const { api } = workbench
  if (control !== '' && makeControl)
    throw new Fault('usage', '--control and --make-control are both given', 'Give one of them.')
  if (control !== '') return (await api.findRun({ name: control })).id
  if (!makeControl) return ''
  const made = await api.startControl({ request, id: run })
  terminal.say(`control: the same training on ${made.words}`)
  const [ended] = await followRuns(workbench, [made.run], terminal)
  if (ended?.state.kind === 'failed') throw fromData(ended.state.fault)
  return ended?.state.kind === 'done' ? made.run : undefined
}

function textOf(answer: BitsAnswer): string {
  const next =
    answer.verdict.kind === 'no-control'
      ? [`spw bits ${answer.run} --make-control trains one and reads it.`]
      : []
  return [
    bitsSentence(answer),
    ...next,
    '',
    table(bitsRows(answer), bitsHeadings),
    '',
    bitsScope(answer),
  ].join('\n')
}

async function bitsCommand(terminal: Terminal, name: string, options: Options): Promise<number> {
  return withWorkbench(
    async workbench => {
      const { api } = workbench
      const { id } = await api.findRun({ name })
      const unhear = onStopSignal(() => void api.cancel({ request }))
      try {
        const control = await controlOf(workbench, terminal, id, options)
        if (control === undefined) return exitCodes.interrupted
        const answer = await api.bits({ request, id, control })
        terminal.answer(answer, textOf(answer))
        return exitCodes.done
      } finally {
        unhear()
      }
    },
    { progress: ({ doing, fraction }) => terminal.progress(doing, fraction) },
  )
}

export function addBitsCommand(program: Command): void {
  program
    .command('bits')
    .description(
      'what the training of a run gained in bits: elicited (found in few) or taught (paid for bit by bit)',
    )
    .argument('<run>', 'a run that has ended')
    .option('--control <run>', 'the same training on data whose answers say nothing')
    .option('--make-control', 'train that control now')
    .action(action(bitsCommand))
}
