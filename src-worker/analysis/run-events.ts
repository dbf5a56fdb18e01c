// Keeps the TensorBoard file of a run folder equal to its metrics.jsonl.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readMetrics } from '../train/metrics-file'
import { eventFiles, eventWriter, rewriteEvents } from './tensorboard'
import { type Scalar, scalarsOf } from './tensorboard-event'
import { unframe } from './tensorboard-record'

async function scalarsOfRun(folder: string): Promise<Scalar[]> {
  const scalars: Scalar[] = []
  for await (const { step, wall, values } of readMetrics(folder))
    for (const [tag, value] of Object.entries(values))
      scalars.push({ tag, step, value: Number(value), wall })
  return scalars
}

const same = (a: Scalar | undefined, b: Scalar): boolean =>
  a !== undefined &&
  a.tag === b.tag &&
  a.step === b.step &&
  Object.is(Math.fround(a.value), Math.fround(b.value))

/** How many scalars the file already holds, or undefined when they are not the beginning of `all`. */
async function written(folder: string, all: readonly Scalar[]): Promise<number | undefined> {
  const [name, ...others] = eventFiles(folder)
  if (name === undefined) return 0
  if (others.length > 0) return undefined
  const { records } = unframe(await readFile(join(folder, name)))
  const plugins = new Map<string, string>()
  const held = records.flatMap(record => scalarsOf(record, plugins))
  return held.every((scalar, i) => same(all[i], scalar)) ? held.length : undefined
}

/**
 * Brings the event file up to date. What is new is appended, so that a TensorBoard that watches the folder sees it;
 * after a run went back to a checkpoint the file is replaced whole.
 */
export async function writeEvents(folder: string): Promise<void> {
  const all = await scalarsOfRun(folder)
  const held = await written(folder, all).catch(() => undefined)
  if (held === undefined) return rewriteEvents(folder, all)
  const writer = eventWriter(folder)
  writer.append(all.slice(held))
  writer.close()
}
