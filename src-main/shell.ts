// Puts the parts together: window, relay, engine, and what follows from the engine's events.
import { app, type BrowserWindow, ipcMain, powerSaveBlocker, session } from 'electron'
import type { EventData } from '../src-worker/contract/api'
import type { EngineEvent } from '../src-worker/contract/engine'
import engineScript from '../src-worker/worker?modulePath'
import { type ActiveRuns, createActiveRuns, endingText } from './active-runs'
import { createDesktop, notify } from './desktop'
import { createEngineHost } from './engine-host'
import { guardSession } from './guards'
import { tokenFor, tokenOrigin } from './hub-token'
import { openKeychain } from './keychain'
import { devServer, engineFile, type Paths } from './paths'
import { createAllowedPaths } from './paths-allowed'
import { createPreferences } from './preferences'
import { serveApp } from './protocol'
import { createQuitGuard } from './quit-guard'
import { createRelay } from './relay'
import { openWindow } from './window'

/** ms for a run call in flight and a checkpoint when the app quits */
const patienceToQuit = 30_000

export interface Shell {
  show(): void
  /** files given to this or a second start */
  open(paths: readonly string[]): void
  quitNow(): void
}

/** A window that may come and go. */
function windowHolder() {
  let opened: BrowserWindow | undefined
  const window = (): BrowserWindow | undefined => (opened?.isDestroyed() ? undefined : opened)
  const show = (): void => {
    const seen = window()
    if (seen?.isMinimized()) seen.restore()
    seen?.show()
    seen?.focus()
  }
  const hold = (next: BrowserWindow): BrowserWindow => {
    opened = next
    return next
  }
  return { window, show, hold }
}

/** Downloads get the saved token and the one origin that it may be sent to; the window holds and names neither. */
function withToken(name: string, args: unknown, saved: () => ReturnType<typeof tokenFor>): unknown {
  if (name !== 'startDownload' && name !== 'resumeDownload') return args
  return { ...(args as object), ...saved() }
}

/** Keep count of the runs at work. @returns those that have just ended by themselves */
function endings(runs: ActiveRuns, [name, data]: EngineEvent) {
  if (name === 'runsChanged') return runs.accept(data as EventData<'runsChanged'>)
  if (name === 'engineState' && (data as EventData<'engineState'>).kind !== 'ready') runs.clear()
  return []
}

export function startShell(paths: Paths, softwareRendering: boolean): Shell {
  const { window, show, hold } = windowHolder()
  const runs = createActiveRuns()
  const keychain = openKeychain(paths.desktop)
  const preferences = createPreferences(paths, () => stayAwake())
  const stayAwake = createAwake(() => runs.active() > 0 && preferences.now().keepAwake)
  const host = createEngineHost({
    script: engineFile(engineScript),
    setup: { home: paths.home, resources: paths.resources },
    kind: () => preferences.now().engineHost,
    onEvents: events => {
      relay.tell(events)
      for (const event of events) follow(event)
    },
  })
  const { home } = paths
  const allowed = createAllowedPaths(home, paths.resources)
  const originNow = (): string | undefined =>
    tokenOrigin(preferences.now().hubEndpoint, process.env.HF_ENDPOINT)
  const relay = createRelay({
    contents: () => window()?.webContents,
    devServer: devServer(),
    desktop: createDesktop({
      ...{ window, host, keychain, home, softwareRendering, show, allowed },
      tokenOrigin: originNow,
    }),
    allowed,
    engine: host.ask,
    amend: (name, args) => withToken(name, args, () => tokenFor(keychain.token(), originNow())),
    answered: (name, answer) => {
      if (!answer.ok) return
      allowed.accept(name, answer.value)
      if (name === 'saveSettings') preferences.accept(answer.value)
    },
  })
  const guard = createQuitGuard({
    window,
    busy: runs.busy,
    stopEngine: () => host.stop(patienceToQuit),
  })
  function follow(event: EngineEvent): void {
    for (const run of endings(runs, event)) {
      const { title, body } = endingText(run)
      if (preferences.now().notifications) notify(title, body, show)
    }
    stayAwake()
    guard.workChanged()
  }

  serveApp(paths.renderer)
  guardSession(session.defaultSession, devServer())
  ipcMain.handle('workbench:call', (event, name, args) => relay.call(event, name, args))
  // dropped files: only the preload can name them, out of a File that the page was given
  ipcMain.on('workbench:dropped', (event, path) => relay.dropped(event, path))
  host.begin()
  guard.watch(hold(openWindow(paths, devServer(), !app.isPackaged)))
  return {
    show,
    open: files => {
      allowed.allow(files)
      const contents = window()?.webContents
      const tell = (): void => relay.tell([['openPaths', { paths: [...files] }]])
      // a page that loads listens once it has run, which is before its load event
      if (contents?.isLoading()) contents.once('did-finish-load', tell)
      else tell()
    },
    quitNow: guard.quitNow,
  }
}

// The computer does not fall asleep while a run trains.
/** @returns to be called whenever the answer of `wanted` may have changed */
export function createAwake(wanted: () => boolean): () => void {
  let blocker: number | undefined
  return () => {
    if (wanted() && blocker === undefined) {
      blocker = powerSaveBlocker.start('prevent-app-suspension')
    } else if (!wanted() && blocker !== undefined) {
      powerSaveBlocker.stop(blocker)
      blocker = undefined
    }
  }
}
