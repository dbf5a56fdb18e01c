// The bridge: the only thing of Electron's that the page can reach. It passes names and data on; main checks both.
import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron'
import type { Answer, Bridge } from '../src-worker/contract/desktop'

type Listener = (data: unknown) => void
type EventBatch = readonly (readonly [name: string, data: unknown])[]

const listeners = new Map<string, Set<Listener>>()

ipcRenderer.on('workbench:events', (_event: IpcRendererEvent, batch: EventBatch) => {
  for (const [name, data] of batch) for (const listener of listeners.get(name) ?? []) listener(data)
})

function on(name: string, listener: Listener): () => void {
  const own = listeners.get(name) ?? new Set()
  listeners.set(name, own)
  own.add(listener)
  return () => {
    own.delete(listener)
  }
}

/** Electron 32 took `path` off File and gave webUtils; before, it is the other way round. */
function pathOf(file: unknown): string {
  if (!(file instanceof File)) return ''
  const path = webUtils
    ? webUtils.getPathForFile(file)
    : ((file as File & { path?: string }).path ?? '')
  // main hears of it here, not from the page
  if (path !== '') ipcRenderer.send('workbench:dropped', path)
  return path
}

const bridge = {
  platform: process.platform,
  call: (name: string, args: unknown): Promise<Answer> =>
    ipcRenderer.invoke('workbench:call', String(name), args) as Promise<Answer>,
  on,
  pathOf,
}

// contextBridge freezes what it exposes; the cast gives the page the contract's types
contextBridge.exposeInMainWorld('workbench', bridge as unknown as Bridge)
