// The one window: sandboxed, isolated, remembered where it was.
import { join } from 'node:path'
import { BrowserWindow, type Input, nativeTheme, screen, type WebContents } from 'electron'
import { appPage } from './asset'
import type { Paths } from './paths'
import { readWindowState, visibleBounds, writeWindowState } from './window-state'

export const stateFile = (paths: Paths): string => join(paths.desktop, 'window.json')

/** There is no menu bar, so the usual keys for zoom are ours to answer. */
function zoomByKeys(contents: WebContents): void {
  const steps: Readonly<Record<string, (level: number) => number>> = {
    '+': level => Math.min(level + 0.5, 4),
    '=': level => Math.min(level + 0.5, 4),
    '-': level => Math.max(level - 0.5, -3),
    '0': () => 0,
  }
  contents.on('before-input-event', (event, input: Input) => {
    const step = input.type === 'keyDown' && (input.control || input.meta) && steps[input.key]
    if (!step) return
    contents.setZoomLevel(step(contents.getZoomLevel()))
    event.preventDefault()
  })
}

function rememberPlace(window: BrowserWindow, file: string): void {
  let timer: NodeJS.Timeout | undefined
  const save = (): void => {
    if (window.isDestroyed()) return
    const { x, y, width, height } = window.getNormalBounds()
    const state = readWindowState(file)
    const bounds = { x, y, width: Math.max(width, 800), height: Math.max(height, 600) }
    writeWindowState(file, { ...state, bounds, maximized: window.isMaximized() })
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(save, 500)
  }
  window.on('resize', soon)
  window.on('move', soon)
  window.on('close', () => {
    clearTimeout(timer)
    save()
  })
}

export function openWindow(
  paths: Paths,
  devServer: string | undefined,
  devTools: boolean,
): BrowserWindow {
  const { bounds, maximized } = readWindowState(stateFile(paths))
  const areas = screen.getAllDisplays().map(display => display.workArea)
  const window = new BrowserWindow({
    width: 1360,
    height: 880,
    ...visibleBounds(bounds, areas),
    minWidth: 960,
    minHeight: 640,
    show: false,
    title: 'Soft Prompt Workbench',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14161a' : '#f7f7f8',
    webPreferences: {
      preload: paths.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools,
    },
  })
  window.removeMenu()
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  zoomByKeys(window.webContents)
  rememberPlace(window, stateFile(paths))
  // a renderer that dies takes nothing with it: runs live in the engine, the page reads its state again
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') window.webContents.reload()
  })
  void window.loadURL(devServer ?? appPage)
  return window
}
