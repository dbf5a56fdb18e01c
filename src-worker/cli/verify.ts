// spw verify: recomputes every golden on this machine and device. One JSON line a case, a total at the end.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { asFault, Fault } from '../contract/fault'
import { type Precision, precisionSchema } from '../contract/run-spec'
import { verifyBatches } from '../verify/batches'
import type { Verify, VerifyContext } from '../verify/case'
import { verifyChess } from '../verify/chess'
import { verifyGeneration } from '../verify/generation'
import { verifyGradients } from '../verify/gradients'
import { verifyPathfinding } from '../verify/pathfinding'
import { verifyPrecisions } from '../verify/precisions'
import { verifySampling } from '../verify/sampling'
import { verifySnapshots } from '../verify/snapshots'
import { verifySoftPrompts } from '../verify/soft-prompts'
import { verifyTensorboard } from '../verify/tensorboard'
import { verifyTokenization } from '../verify/tokenization'
import { verifyTrajectories } from '../verify/trajectories'
import { action, exitCodes, type Terminal } from './terminal'

const checks: Readonly<Record<string, Verify>> = {
  tokenization: verifyTokenization,
  gradients: verifyGradients,
  precisions: verifyPrecisions,
  'soft-prompts': verifySoftPrompts,
  trajectories: verifyTrajectories,
  batches: verifyBatches,
  sampling: verifySampling,
  generation: verifyGeneration,
  snapshots: verifySnapshots,
  chess: verifyChess,
  pathfinding: verifyPathfinding,
  tensorboard: verifyTensorboard,
}

interface Options {
  readonly reference: string
  readonly models?: string
  readonly data?: string
  readonly only?: readonly string[]
  readonly device: string
  readonly precision?: string
}

interface Total {
  readonly cases: number
  readonly failed: number
}

/** A check that cannot run at all is one failed case, and the others still run. */
async function runCheck(
  name: string,
  check: Verify,
  context: VerifyContext,
  terminal: Terminal,
): Promise<Total> {
  let [cases, failed] = [0, 0]
  const tell = (line: object, ok: boolean): void => {
    cases++
    if (!ok) failed++
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
  try {
    for await (const one of check(context)) {
      tell(one, one.ok)
      terminal.progress(`${name}: ${cases} cases, ${failed} failed`, null)
    }
  } catch (error) {
    const note = asFault(error).message
    tell({ check: name, case: 'all', error: null, tolerance: 0, ok: false, note }, false)
  }
  return { cases, failed }
}

function precisionFrom(text: string): Precision {
  const parsed = precisionSchema.safeParse(text)
  if (parsed.success) return parsed.data
  const known = precisionSchema.options.join(', ')
  throw new Fault('usage', `there is no precision ${text}`, `Choose from ${known}.`)
}

async function verifyCommand(terminal: Terminal, options: Options): Promise<number> {
  const unknown = (options.only ?? []).filter(name => checks[name] === undefined)
  if (unknown.length > 0)
    throw new Fault(
      'usage',
      `there is no check ${unknown.join(', ')}`,
      `Choose from ${Object.keys(checks).join(', ')}.`,
    )
  const reference = resolve(options.reference)
  const context: VerifyContext = {
    reference,
    models: resolve(options.models ?? `${reference}/../models`),
    data: resolve(options.data ?? `${reference}/../data`),
    device: options.device,
    ...(options.precision !== undefined && { precision: precisionFrom(options.precision) }),
  }
  let total: Total = { cases: 0, failed: 0 }
  for (const [name, check] of Object.entries(checks)) {
    if (options.only !== undefined && !options.only.includes(name)) continue
    const { cases, failed } = await runCheck(name, check, context, terminal)
    total = { cases: total.cases + cases, failed: total.failed + failed }
  }
  const passed = total.cases - total.failed
  terminal.answer(
    { total: total.cases, passed, failed: total.failed },
    `${passed} passed, ${total.failed} failed`,
  )
  return total.failed > 0 || total.cases === 0 ? exitCodes.fault : exitCodes.done
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('recompute the reference numbers on this machine; one JSON line a case')
    .requiredOption('--reference <dir>', 'folder of the reference numbers')
    .option('--models <dir>', 'folder of the reference models (default: beside the reference)')
    .option('--data <dir>', 'folder of the reference data (default: beside the reference)')
    .option('--only <checks...>', `some of ${Object.keys(checks).join(', ')}`)
    .option('--device <device>', 'auto, cpu or cuda:N', 'auto')
    .option(
      '--precision <precision>',
      'what the check precisions measures (default: all there are)',
    )
    .action(action(verifyCommand))
}
