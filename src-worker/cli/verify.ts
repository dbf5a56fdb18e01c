// spw verify: recomputes every golden on this machine and device. One JSON line a case, a total at the end.
import type { Command } from 'commander'
import { Fault } from '../contract/fault'
import { type Precision, precisionSchema } from '../contract/run-spec'
import { shownJson } from '../contract/shown-text'
import { wholePath, withWorkbench } from './engine'
import { action, exitCodes, type Terminal } from './terminal'

interface Options {
  readonly reference?: string
  readonly models?: string
  readonly data?: string
  readonly only?: readonly string[]
  readonly device: string
  readonly precision?: string
}

function precisionFrom(text: string): Precision {
  const parsed = precisionSchema.safeParse(text)
  if (parsed.success) return parsed.data
  const known = precisionSchema.options.join(', ')
  throw new Fault('usage', `there is no precision ${text}`, `Choose from ${known}.`)
}

/** Counts cases of each check for the progress line. */
function caseCounter() {
  let [check, cases, failed] = ['', 0, 0]
  return (one: { check: string; ok?: boolean | undefined }): string => {
    if (one.check !== check) [check, cases, failed] = [one.check, 0, 0]
    cases++
    if (one.ok === false) failed++
    return `${check}: ${cases} cases, ${failed} failed`
  }
}

async function verifyCommand(terminal: Terminal, options: Options): Promise<number> {
  const { reference, models, data, only = [], device, precision } = options
  const folder = (path: string | undefined): string => (path === undefined ? '' : wholePath(path))
  const asked = {
    request: 'verify',
    ...{ reference: folder(reference), models: folder(models), data: folder(data), device },
    only: [...only],
    precision: precision === undefined ? null : precisionFrom(precision),
  }
  const count = caseCounter()
  const total = await withWorkbench(({ api }) => api.verify(asked), {
    verified: ({ case: one }) => {
      process.stdout.write(`${shownJson(one)}\n`)
      terminal.progress(count(one), null)
    },
  })
  const { passed, failed, skipped } = total
  terminal.answer(total, `${passed} passed, ${failed} failed, ${skipped} skipped`)
  return failed > 0 ? exitCodes.fault : exitCodes.done
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('recompute the reference numbers on this machine; one JSON line a case')
    .option('--reference <dir>', 'folder of reference numbers (default: those of this program)')
    .option('--models <dir>', 'folder of its models (default: in it, beside it)')
    .option('--data <dir>', 'folder of its data (default: in it, beside it)')
    .option(
      '--only <checks...>',
      'some of tokenization, gradients, … (a wrong name lists them all)',
    )
    .option('--device <device>', 'auto, cpu or cuda:N', 'auto')
    .option(
      '--precision <precision>',
      'what the check precisions measures (default: all there are)',
    )
    .action(action(verifyCommand))
}
