// Calls about bits: what a run's training gained, beside its control's; and the control, where there is none yet.

import { basename, join } from 'node:path'
import { bitsAnswer } from '../analysis/bits'
import { diverged } from '../analysis/loss-guards'
import { analysedRun } from '../analysis/runs'
import { controlOf } from '../behaviours/registry'
import type { WorkbenchApi } from '../contract/api'
import type { CodeLength } from '../contract/bits'
import { Fault, fail } from '../contract/fault'
import type { RunSummary } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { controlName } from '../shared/control-data'
import { leavesOf } from '../shared/plain-object'
import { measureCodeLength } from '../train/code-length'
import { homePaths } from '../train/home'
import { readCodeLength } from '../train/kept-bits'
import { readSpec, runFiles } from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'
import { controlData } from './answer-control'
import type { Context } from './context'
import { evaluateOptions } from './evaluate'
import type { Queue } from './queue'
import type { RunIndex } from './run-index'
import type { Apart } from './run-place'

interface Others {
  readonly index: RunIndex
  readonly queue: Queue
  readonly apart: Apart
  readonly elsewhere: {
    codeLength(request: string, folder: string, signal: AbortSignal): Promise<void>
  }
}

/** What a control may differ in. */
const isItsOwn = /^(name|device|seed|data\..*|results\..*|training\.(test|checkpoint|finalTest).*)$/

const trainingOf = (spec: RunSpec): ReadonlyMap<string, unknown> =>
  new Map(leavesOf(spec).filter(([path]) => !isItsOwn.test(path)))

/** Fault usage: a control that diverged gained nothing, whatever its data say. */
async function checkConverged({ id, folder }: RunSummary): Promise<void> {
  const why = diverged(await analysedRun(folder))?.reason
  if (why === undefined) return
  throw new Fault(
    'usage',
    `${id} is no control, for its training diverged: ${why}`,
    'Train the run and its control at a smaller learning rate.',
  )
}

/** Fault usage: the control is not the same training, or on the same data. */
function checkControl(run: RunSummary, control: RunSummary): void {
  const [own, other] = [trainingOf(run.spec), trainingOf(control.spec)]
  const paths = [...new Set([...own.keys(), ...other.keys()])]
  const path = paths.find(p => String(own.get(p)) !== String(other.get(p)))
  if (path !== undefined)
    throw new Fault(
      'usage',
      `${control.id} is no control of ${run.id}: its ${path} is ${other.get(path)}, the run’s ${own.get(path)}`,
      'Make one with --make-control.',
    )
  if (control.id === run.id || control.spec.data.path === run.spec.data.path)
    throw new Fault(
      'usage',
      `${control.id} learns from the same data as ${run.id}`,
      'Make a control with --make-control.',
    )
}

export function bitsCalls(
  context: Context,
  { index, queue, apart, elsewhere }: Others,
): Pick<WorkbenchApi, 'bits' | 'startControl'> {
  const { home } = context
  const folderOf = (id: string): string => join(homePaths(home).runs, basename(id))

  const codeOf = async (
    { id, step }: RunSummary,
    request: string,
    signal: AbortSignal,
  ): Promise<CodeLength> => {
    const folder = folderOf(id)
    const kept = await readCodeLength(folder, step)
    if (kept !== null) return kept
    if (!(await apart.run(await readSpec(folder))))
      return measureCodeLength(folder, evaluateOptions(context, request, signal))
    await elsewhere.codeLength(request, folder, signal)
    return (await readCodeLength(folder, step)) ?? fail(`no code length of ${id} was kept`)
  }

  return {
    bits: ({ request, id, control }) =>
      context.cancellable(request, async signal => {
        const run = await index.refresh(basename(id))
        const other = control === '' ? undefined : await index.refresh(basename(control))
        if (other !== undefined) {
          checkControl(run, other)
          await checkConverged(other)
        }
        const named = async (of: RunSummary) => ({
          id: of.id,
          steps: of.step,
          code: await codeOf(of, request, signal),
        })
        const own = await named(run)
        const answer = bitsAnswer(own, other && (await named(other)))
        await writeAtomically(runFiles(run.folder).bits, `${JSON.stringify(answer)}\n`)
        return answer
      }),
    startControl: async ({ request, id }) => {
      const { spec, name } = await index.refresh(basename(id))
      const control = controlOf(spec.experiment)
      if (control.kind === 'none')
        throw new Fault(
          'usage',
          `${id} can have no control: ${control.because}`,
          'Read its figures without a verdict.',
        )
      const data = await context.cancellable(request, signal =>
        controlData(spec, control, context, evaluateOptions(context, request, signal)),
      )
      const results = { ...spec.results, prompts: 0, metricSamples: 0 }
      const run = await queue.create({ ...spec, data, results, name: controlName(name) })
      await index.refresh(run)
      queue.kick()
      return { run, words: control.words }
    },
  }
}
