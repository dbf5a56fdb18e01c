// Models, datasets, snapshots, presets, behaviours and downloads, as the engine last reported them.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { EventData } from '../../src-worker/contract/api'
import type { BehaviourCard } from '../../src-worker/contract/behaviour'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type {
  DatasetEntry,
  Download,
  ModelEntry,
  Preset,
  SnapshotEntry,
} from '../../src-worker/contract/library'
import { call } from '../workbench'
import { useToasts } from './toasts'

type Part = Exclude<EventData<'libraryChanged'>['what'], 'settings' | 'server'>

export const useLibrary = defineStore('library', () => {
  const toasts = useToasts()
  const models = shallowRef<readonly ModelEntry[]>([])
  const datasets = shallowRef<readonly DatasetEntry[]>([])
  const snapshots = shallowRef<readonly SnapshotEntry[]>([])
  const presets = shallowRef<readonly Preset[]>([])
  const behaviours = shallowRef<readonly BehaviourCard[]>([])
  const downloads = shallowRef<readonly Download[]>([])
  const warm = shallowRef<readonly { model: string; bytes: number }[]>([])
  const loaded = ref(false)
  const fault = shallowRef<Fault | null>(null)

  /** what the kind of an experiment says of itself */
  const behaviour = (kind: string | undefined): BehaviourCard | undefined =>
    behaviours.value.find(card => card.kind === kind)

  const usable = computed(() => models.value.filter(m => m.fault === null))

  const readers: Record<Part, () => Promise<void>> = {
    models: async () => {
      models.value = await call('models', {})
    },
    datasets: async () => {
      datasets.value = await call('datasets', {})
    },
    snapshots: async () => {
      snapshots.value = await call('snapshots', {})
    },
    presets: async () => {
      presets.value = await call('presets', {})
    },
    warm: async () => {
      warm.value = await call('warmModels', {})
    },
  }

  const guarded = async (work: Promise<void>) => {
    try {
      await work
    } catch (error) {
      fault.value = asFault(error)
    }
  }
  const reload = (what: Part) => guarded(readers[what]())

  const load = async () => {
    fault.value = null
    const others = [
      call('behaviours', {}).then(found => {
        behaviours.value = found
      }),
      call('downloads', {}).then(found => {
        downloads.value = found
      }),
    ]
    await Promise.all([...Object.values(readers).map(read => read()), ...others].map(guarded))
    loaded.value = true
  }

  /** Model folders, where they lie. @returns those that could be added */
  const addModels = async (paths: readonly string[]): Promise<readonly ModelEntry[]> => {
    const added: ModelEntry[] = []
    for (const path of paths) {
      const model = await toasts.attempt(call('addModel', { path }))
      if (model) added.push(model)
    }
    await reload('models')
    return added
  }

  const acceptDownloads = (changed: EventData<'downloads'>) => {
    const next = new Map(downloads.value.map(d => [d.key, d]))
    for (const download of changed) next.set(download.key, download)
    downloads.value = [...next.values()]
  }

  return {
    ...{ models, usable, datasets, snapshots, presets, behaviours, downloads, warm },
    ...{ behaviour, loaded, fault, load, reload, addModels, acceptDownloads },
  }
})
