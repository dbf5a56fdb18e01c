// spw verify: recomputes every golden on this machine and device. One JSON line a case, a total at the end.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '../contract/fault'
import { type Precision, precisionSchema } from '../contract/run-spec'
import { resourcesFolder } from '../train/home'
import { isFailed, isSkipped, type VerifyContext } from '../verify/case'
import { casesOf, checks, ownReference, placesOf } from '../verify/checks'
import { action, exitCodes, type Terminal } from './terminal'

interface Options {
  readonly reference?: string
  readonly models?: string
  readonly data?: string
  readonly only?: readonly string[]
  readonly device: string
  readonly precision?: string
}

interface Total {
  readonly cases: number
  readonly failed: number
  readonly skipped: number
}

async function runCheck(name: string, context: VerifyContext, terminal: Terminal): Promise<Total> {
  let [cases, failed, skipped] = [0, 0, 0]
  for await (const one of casesOf(name, context)) {
    cases++
    if (isFailed(one)) failed++
    if (isSkipped(one)) skipped++
    process.stdout.write(`${JSON.stringify(one)}\n`)
    terminal.progress(`${name}: ${cases} cases, ${failed} failed`, null)
  }
  return { cases, failed, skipped }
}

function precisionFrom(text: string): Precision {
  const parsed = precisionSchema.safeParse(text)
  if (parsed.success) return parsed.data
  const known = precisionSchema.options.join(', ')
  throw new Fault('usage', `there is no precision ${text}`, `Choose from ${known}.`)
}

function checkNames(only: readonly string[] = Object.keys(checks)): readonly string[] {
  const unknown = only.filter(name => checks[name] === undefined)
  if (unknown.length === 0) return only
  const known = Object.keys(checks).join(', ')
  throw new Fault('usage', `there is no check ${unknown.join(', ')}`, `Choose from ${known}.`)
}

function contextOf(options: Options): VerifyContext {
  const resources = resourcesFolder()
  const reference = resolve(options.reference ?? ownReference(resources))
  const places = (kind: 'models' | 'data', given: string | undefined): string[] => [
    ...(given === undefined ? [] : [resolve(given)]),
    ...placesOf(reference, kind, resources),
  ]
  return {
    reference,
    models: places('models', options.models),
    data: places('data', options.data),
    device: options.device,
    ...(options.precision !== undefined && { precision: precisionFrom(options.precision) }),
  }
}

async function verifyCommand(terminal: Terminal, options: Options): Promise<number> {
  const names = checkNames(options.only)
  const context = contextOf(options)
  let total: Total = { cases: 0, failed: 0, skipped: 0 }
  for (const name of names) {
    const { cases, failed, skipped } = await runCheck(name, context, terminal)
    total = {
      cases: total.cases + cases,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }
  }
  const { cases, failed, skipped } = total
  const passed = cases - failed - skipped
  if (passed + failed === 0)
    throw new Fault(
      'not-found',
      `${context.reference} has none of the numbers of ${names.join(', ')}`,
      'Check the folder; tests/reference/README.md tells its layout.',
    )
  terminal.answer(
    { total: cases, passed, failed, skipped },
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  )
  return failed > 0 ? exitCodes.fault : exitCodes.done
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('recompute the reference numbers on this machine; one JSON line a case')
    .option('--reference <dir>', 'folder of reference numbers (default: those of this program)')
    .option('--models <dir>', 'folder of its models (default: in it, beside it)')
    .option('--data <dir>', 'folder of its data (default: in it, beside it)')
    .option('--only <checks...>', `some of ${Object.keys(checks).join(', ')}`)
    .option('--device <device>', 'auto, cpu or cuda:N', 'auto')
    .option(
      '--precision <precision>',
      'what the check precisions measures (default: all there are)',
    )
    .action(action(verifyCommand))
}
