// checkpoints/step-000512.safetensors: parameters, moments, step, generator states, data cursor.
// The parameters carry the original's names, so a checkpoint opens as a snapshot too. A checksum tells of changed bits.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import type { Parameters } from '../contract/snapshot'
import { fitting } from '../shared/json'
import { checkContent, writeChecked } from '../weights/checksum'
import { readSafetensorsHeader, readTensor } from '../weights/safetensors'
import type { TensorToWrite } from '../weights/safetensors-writer'
import { checkpointName, checkpointsOf, runFiles } from './run-folder'
import type { TrainState } from './state'

const cursorSchema = z.object({
  step: z.int().nonnegative(),
  tokens: z.number(),
  seconds: z.number(),
  specHash: z.string(),
  stream: z.unknown(),
})

/** Everything that a resumed run needs beside parameters and moments. */
export interface Progress {
  readonly tokens: number
  readonly seconds: number
  readonly specHash: string
  /** cursor of the training stream (stream/): the batches that follow */
  readonly stream: unknown
}

export interface Checkpoint extends Progress {
  readonly state: TrainState
}

function put(into: Map<string, TensorToWrite>, prefix: string, from: Parameters): void {
  for (const [name, { shape, data }] of from) into.set(`${prefix}${name}`, { shape, data })
}

/**
 * Writes one checkpoint, whole or not at all.
 * @param metadata the snapshot metadata, so that the file opens as a snapshot
 */
export async function writeCheckpoint(
  folder: string,
  { state, ...progress }: Checkpoint,
  metadata: Readonly<Record<string, string>>,
  asStateDict: (parameters: Parameters) => Parameters,
): Promise<string> {
  const tensors = new Map<string, TensorToWrite>()
  put(tensors, '', asStateDict(state.parameters))
  put(tensors, 'adam.m.', state.m)
  put(tensors, 'adam.v.', state.v)
  const path = join(runFiles(folder).checkpoints, checkpointName(state.step))
  const cursor = JSON.stringify({ step: state.step, ...progress })
  await writeChecked(path, tensors, { ...metadata, 'workbench.checkpoint': cursor })
  return path
}

/** The tensors under a prefix, without it. */
async function take(
  tensors: Awaited<ReturnType<typeof readSafetensorsHeader>>['tensors'],
  prefix: string,
): Promise<Parameters> {
  const found = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  for (const [name, entry] of tensors)
    if (name.startsWith(prefix))
      found.set(name.slice(prefix.length), { shape: entry.shape, data: await readTensor(entry) })
  return found
}

export async function readCheckpoint(
  path: string,
  fromStateDict: (tensors: Parameters) => Parameters,
): Promise<Checkpoint> {
  const header = await readSafetensorsHeader(path)
  const { tensors, metadata } = header
  const { 'workbench.checkpoint': text = '' } = metadata
  const cursor = fitting(cursorSchema, text)
  if (cursor === undefined)
    throw new Fault(
      'bad-file',
      `${path} is not a checkpoint: it has no training state`,
      'Resume from another checkpoint of this run, or fork from it as a snapshot.',
    )
  await checkContent(path, header)
  const own = new Map([...tensors].filter(([name]) => !name.startsWith('adam.')))
  const parameters = fromStateDict(await take(own, ''))
  const [m, v] = [await take(tensors, 'adam.m.'), await take(tensors, 'adam.v.')]
  const { step, ...progress } = cursor
  return { ...progress, state: { step, parameters, m, v } }
}

/** The newest checkpoint that can be read; broken ones are passed over, and reported. */
export async function latestCheckpoint(
  folder: string,
  fromStateDict: (tensors: Parameters) => Parameters,
  report: (line: string) => void,
): Promise<Checkpoint | undefined> {
  const entries = [...(await checkpointsOf(folder))].reverse()
  for (const { path } of entries) {
    try {
      return await readCheckpoint(path, fromStateDict)
    } catch (error) {
      report(`${path} cannot be read: ${(error as Error).message}`)
    }
  }
  return undefined
}

/** Checkpoints after `step` belong to a past that will be written again. */
export async function dropCheckpointsAfter(folder: string, step: number): Promise<void> {
  for (const entry of await checkpointsOf(folder))
    if (entry.step > step) await rm(entry.path, { force: true })
}
