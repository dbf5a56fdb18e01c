// The data of a control: the training records shuffled, and the held-out ones as they are, in two files of their own.
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Control } from '../behaviours/behaviour'
import { behaviourOf } from '../behaviours/registry'
import type { DataSpec, RunSpec } from '../contract/run-spec'
import { controlsPlace } from '../shared/control-data'
import { withLocalData } from '../stream/local-data'
import { rng } from '../stream/rng'
import { type Side, sideOf, splitOf } from '../stream/split'
import { openModel } from '../train/prepare'
import { writeAtomically } from '../weights/atomic'
import type { Context } from './context'

export const controlsFolder = (home: string): string => join(home, ...controlsPlace)

/** The first records of each side, at most so many. */
async function sidesOf(spec: RunSpec, context: Context, most: number) {
  const behaviour = behaviourOf(spec.experiment.kind)
  const local = await withLocalData(behaviour.demoData, { ...context, spec })
  const pipeline = await behaviour.openPipeline({
    ...(await openModel(spec.model, context)),
    spec: local,
  })
  const split = await splitOf(local, pipeline)
  const train: unknown[] = []
  const test: unknown[] = []
  const { path, testPath } = local.data
  for await (const { key, raw } of pipeline.records(path, {})) {
    // what is for validation is neither
    const sides: Record<Side, unknown[]> = { train, test, validation: [] }
    const side = sides[sideOf(split, key)]
    if (side.length < most) side.push(raw)
    if (train.length >= most && test.length >= most) break
  }
  if (testPath !== '') {
    test.length = 0
    for await (const { raw } of pipeline.records(testPath, {})) if (test.push(raw) >= most) break
  }
  return { train, test }
}

/**
 * Files of shuffled training records and of true held-out ones: the control is tested on what the other runs are tested on.
 * Faults: those of the reader; bad-data (nothing to shuffle, nothing held out)
 */
export async function controlData(
  spec: RunSpec,
  control: Extract<Control, { kind: 'data' }>,
  context: Context,
): Promise<DataSpec> {
  const { train, test } = await sidesOf(spec, context, control.most)
  const texts = [control.shuffled(train, rng(0, 'control')), test.length > 0 ? test : train].map(
    raws => control.asFile(raws, spec.experiment),
  )
  const name = createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16)
  const folder = controlsFolder(context.home)
  await mkdir(folder, { recursive: true })
  const [path = '', testPath = ''] = ['shuffled', 'held-out'].map(part =>
    join(folder, `${name}-${part}.${control.extension}`),
  )
  for (const [i, to] of [path, testPath].entries()) await writeAtomically(to, texts[i] ?? '')
  // its test file is the test side alone: nothing of it is for validation
  return { ...spec.data, path, testPath, validation: false }
}
