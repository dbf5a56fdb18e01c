// Files and folders given to the app when it is started, or dropped on its window: snapshots, models and datasets find their
// place in the library.
import type { Router } from 'vue-router'
import { isPromptFile } from '../src-worker/shared/prompt-files'
import { useLibrary } from './stores/library'
import { useSnapshots } from './stores/snapshots'
import { useToasts } from './stores/toasts'
import { baseName } from './text/format'
import { call } from './workbench'

type LibraryTab = 'snapshots' | 'models' | 'datasets'

const ending = (path: string): string =>
  /\.([a-z0-9]+)$/i.exec(baseName(path))?.[1]?.toLowerCase() ?? ''

async function put(path: string): Promise<LibraryTab> {
  if (ending(path) !== '') {
    await call('addDataset', { path, field: '' })
    return 'datasets'
  }
  // a folder: a PEFT adapter or a model; what is wrong with it as a model is the better complaint
  try {
    await call('importSnapshot', { path })
    return 'snapshots'
  } catch {
    await call('addModel', { path })
    return 'models'
  }
}

const placeOf = (tab: LibraryTab) =>
  tab === 'snapshots' ? '/snapshots' : { path: '/library', query: { tab } }

export async function openPaths(paths: readonly string[], router: Router): Promise<void> {
  const toasts = useToasts()
  for (const path of paths.filter(one => !isPromptFile(one))) {
    const tab = await toasts.attempt(put(path), `${baseName(path)} is in the library.`)
    if (!tab) continue
    await useLibrary().reload(tab)
    await router.push(placeOf(tab))
  }
  const prompts = paths.filter(isPromptFile)
  if (prompts.length === 0) return
  // the list itself says what it refuses, and opens the last that it took
  await router.push('/snapshots')
  await useSnapshots().bring(prompts)
}
