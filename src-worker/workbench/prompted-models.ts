// Models kept warm for the playgrounds: opened once, released on request. Every request names its model and snapshot.

import { stat } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import { Fault } from '../contract/fault'
import type { PromptedModel } from '../contract/playground'
import { type Weights, weightsSchema } from '../contract/run-spec'
import type { Snapshot } from '../contract/snapshot'
import { openSampler, type Sampler } from '../sample/prompted'
import { openRuntime } from '../session/provider'
import { readSettings } from '../train/home'
import { locateModel, modelOfSnapshot } from '../train/model-places'
import { openModelOf } from '../train/prepare'
import { openSnapshot } from '../weights/snapshot-file'
import type { Context } from './context'

export interface Opened {
  readonly sampler: Sampler
  /** undefined: the bare model */
  readonly snapshot: Snapshot | undefined
  /** id of the start token, when it is to stand first */
  readonly prefixToken: number | undefined
}

export interface PromptedModels {
  /** the model's folder. Faults: usage, not-found, those of the snapshot */
  folderOf(promptedModel: PromptedModel): Promise<string>
  open(promptedModel: PromptedModel): Promise<Opened>
  warm(): Promise<{ model: string; bytes: number }[]>
  unload(): Promise<void>
}

interface Warm {
  readonly id: string
  readonly bytes: number
  readonly sampler: Promise<Sampler>
}

/** Snapshots kept, by path and time of change. */
const mostSnapshots = 8

export interface KeepOptions {
  /** models held at once; the one used longest ago goes first */
  readonly mostWarm?: number
}

/** A soft prompt is used with the weights that it learned from. */
const weightsOf = (snapshot: Snapshot | undefined): Weights =>
  weightsSchema.catch('full').parse(snapshot?.metadata.training.weights)

export function openPromptedModels(
  context: Context,
  { mostWarm = 2 }: KeepOptions = {},
): PromptedModels {
  // its memory must be free before another model is opened: releases are awaited
  let released: Promise<unknown> = Promise.resolve()
  const release = async ({ sampler }: Warm): Promise<void> => {
    await (await sampler.catch(() => undefined))?.release()
  }
  const warm = new LRUCache<string, Warm>({
    max: mostWarm,
    dispose: held => {
      released = Promise.all([released, release(held)])
    },
  })
  const changed = (): void => context.emit('libraryChanged', { what: 'warm' })

  const samplerOf = async (path: string, weights: Weights): Promise<Sampler> => {
    const key = `${weights} ${path}`
    const held = warm.get(key)
    if (held !== undefined) return held.sampler
    const onProgress = (): void => {}
    const { model, tokenizer } = await openModelOf(
      { model: path, weights },
      { ...context, onProgress },
    )
    const { device, threads } = readSettings(context.home)
    const opening = openRuntime(device, { threads }).then(({ runtime }) =>
      openSampler({ runtime, folder: model, tokenizer }),
    )
    const few = [...(model.quantised?.matrices.values() ?? [])]
    const entries = [...model.tensors.values(), ...few.flatMap(m => [m.integers, m.scales])]
    const bytes = entries.reduce((n, { length }) => n + length, 0)
    warm.set(key, { id: model.id, bytes, sampler: opening })
    // a model that did not open is not warm: the next request tries again
    opening.catch(() => warm.delete(key))
    await released
    changed()
    return opening
  }

  const snapshots = new LRUCache<string, Snapshot>({ max: mostSnapshots })
  const snapshotOf = async (path: string): Promise<Snapshot> => {
    const { mtimeMs = 0 } = (await stat(path).catch(() => undefined)) ?? {}
    const key = `${path} ${mtimeMs}`
    const snapshot = snapshots.get(key) ?? (await openSnapshot(path))
    snapshots.set(key, snapshot)
    return snapshot
  }

  const folderOf = async ({ model, snapshot }: PromptedModel): Promise<string> => {
    if (model !== '') return locateModel(model, context)
    if (snapshot === '')
      throw new Fault('usage', 'neither a model nor a snapshot is named', 'Choose a model.')
    return modelOfSnapshot((await snapshotOf(snapshot)).metadata, context)
  }

  return {
    folderOf,
    open: async promptedModel => {
      const { snapshot: file, startToken } = promptedModel
      const snapshot = file === '' ? undefined : await snapshotOf(file)
      const sampler = await samplerOf(await folderOf(promptedModel), weightsOf(snapshot))
      const { tokenizer, folder } = sampler
      const start = tokenizer.bosTokenId ?? folder.config.bosTokenId
      return { sampler, snapshot, prefixToken: startToken ? start : undefined }
    },
    warm: async () =>
      [...warm.rvalues()].flatMap(held => (held ? [{ model: held.id, bytes: held.bytes }] : [])),
    unload: async () => {
      warm.clear()
      await released
      snapshots.clear()
      changed()
    },
  }
}
