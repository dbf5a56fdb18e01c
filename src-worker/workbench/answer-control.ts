// The data of a control: the training records shuffled, and the held-out ones as they are, in two files of their own. Making
// them can take seconds, and the thread has others to answer: it does so in between.
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Control } from '../behaviours/behaviour'
import { behaviourOf } from '../behaviours/registry'
import { Fault } from '../contract/fault'
import type { DataSpec, RunSpec } from '../contract/run-spec'
import { controlsPlace } from '../shared/control-data'
import { withLocalData } from '../stream/local-data'
import { rng } from '../stream/rng'
import { type Side, sideOf, splitOf } from '../stream/split'
import { openModel } from '../train/prepare'
import { writeAtomically } from '../weights/atomic'
import type { Context } from './context'

export const controlsFolder = (home: string): string => join(home, ...controlsPlace)

/** Where the work reports how far it is, and what ends it. */
export interface Making {
  onShare(doing: string, fraction: number): void
  readonly signal: AbortSignal
}

/** Nobody waits for it. */
export const quietly: Making = {
  onShare: () => undefined,
  signal: new AbortController().signal,
}

/** What it is called while it goes on. */
const doing = 'making the data of the control'

/** Between two turns of all else that waits for this thread, ms. */
const turnEvery = 20

/** Faults: cancelled. */
function checkAsked({ signal }: Making): void {
  if (signal.aborted) throw new Fault('cancelled', `${doing} was cancelled`, 'Start it again.')
}

/** All of them, with the thread given away in between. @param onTurn how many there are by then */
async function collected<T>(
  items: Iterable<T>,
  making: Making,
  onTurn: (count: number) => void,
): Promise<T[]> {
  const all: T[] = []
  let began = performance.now()
  for (const item of items) {
    all.push(item)
    if (performance.now() - began < turnEvery) continue
    onTurn(all.length)
    await setImmediate()
    checkAsked(making)
    began = performance.now()
  }
  return all
}

function* mapped<T, U>(items: readonly T[], by: (item: T) => U): Generator<U> {
  for (const item of items) yield by(item)
}

/** The first records of each side, at most so many. */
async function sidesOf(spec: RunSpec, context: Context, most: number, making: Making) {
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
    checkAsked(making)
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
 * Faults: those of the reader; bad-data (nothing to shuffle, nothing held out); cancelled
 */
export async function controlData(
  spec: RunSpec,
  control: Extract<Control, { kind: 'data' }>,
  context: Context,
  making: Making = quietly,
): Promise<DataSpec> {
  const { train, test } = await sidesOf(spec, context, control.most, making)
  const tested = test.length > 0 ? test : train
  const whole = 2 * train.length + tested.length
  let before = 0
  const all = async <T>(items: Iterable<T>): Promise<T[]> => {
    const onTurn = (count: number): void => making.onShare(doing, (before + count) / whole)
    const found = await collected(items, making, onTurn)
    before += found.length
    return found
  }
  const textOf = async (raws: readonly unknown[]): Promise<string> =>
    (await all(mapped(raws, raw => control.text(raw, spec.experiment)))).join('')
  const texts = [
    await textOf(await all(control.shuffled(train, rng(0, 'control')))),
    await textOf(tested),
  ]
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
