// Files and folders given to the app when it is started: snapshots, models and datasets find their place in the library.
import type { Router } from 'vue-router'
import { useLibrary } from './stores/library'
import { useToasts } from './stores/toasts'
import { baseName } from './text/format'
import { call } from './workbench'

type LibraryTab = 'snapshots' | 'models' | 'datasets'

const ending = (path: string): string =>
  /\.([a-z0-9]+)$/i.exec(baseName(path))?.[1]?.toLowerCase() ?? ''

async function put(path: string): Promise<LibraryTab> {
  if (['pt', 'safetensors', 'spw'].includes(ending(path))) {
    await call('importSnapshot', { path })
    return 'snapshots'
  }
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

export async function openPaths(paths: readonly string[], router: Router): Promise<void> {
  const toasts = useToasts()
  for (const path of paths) {
    const tab = await toasts.attempt(put(path), `${baseName(path)} is in the library.`)
    if (!tab) continue
    await useLibrary().reload(tab)
    await router.push({ path: '/library', query: { tab } })
  }
}
