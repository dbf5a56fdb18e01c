// Puts the parts together: window, relay, engine, and what follows from the engine's events.
import { join } from 'node:path'
import { app, type BrowserWindow, ipcMain, powerSaveBlocker, session } from 'electron'
import type { EventData } from '../src-worker/contract/api'
import type { EngineEvent } from '../src-worker/contract/engine'
import engineScript from '../src-worker/worker?modulePath'
import { type ActiveRuns, createActiveRuns, endingText } from './active-runs'
import { createDesktop, notify } from './desktop'
import { connectEngine } from './engine-connection'
import { createEngineHost } from './engine-host'
import { guardSession } from './guards'
import { tokenFor, tokenOrigin } from './hub-token'
import { openKeychain } from './keychain'
import { createMachines } from './machines'
import { devServer, engineFile, type Paths } from './paths'
import { createAllowedPaths } from './paths-allowed'
import { createPreferences } from './preferences'
import { serveApp } from './protocol'
import { createQuitGuard } from './quit-guard'
import { createRelay } from './relay'
import { connectRemote, remoteLost } from './remote-connection'
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
  const { home, resources } = paths
  const host = createEngineHost({
    connect: events => {
      const setup = { home, resources, host: preferences.now().engineHost }
      return connectEngine(engineFile(engineScript), setup, events)
    },
    onEvents: events => {
      if (!isElsewhere()) relay.tell(events)
      for (const event of events) follow(event)
    },
  })
  const allowed = createAllowedPaths(home, resources)
  const machines = createMachines({
    ...{ file: join(paths.desktop, 'machines.json'), local: host, allowed },
    remote: (machine, onEvents) =>
      createEngineHost({
        connect: events => connectRemote(machine, app.getVersion(), events),
        ...{ lost: remoteLost, onEvents },
      }),
    onEvents: events => relay.tell(events),
  })
  const isElsewhere = (): boolean => machines.current() !== ''
  const originNow = (): string | undefined =>
    tokenOrigin(preferences.now().hubEndpoint, process.env.HF_ENDPOINT)
  const relay = createRelay({
    contents: () => window()?.webContents,
    devServer: devServer(),
    desktop: createDesktop({
      ...{ window, machines, keychain, home, resources, softwareRendering, show, allowed },
      copied: (to, fraction) => relay.tell([['machineCopy', { host: to, fraction }]]),
      tokenOrigin: originNow,
    }),
    allowed: machines.allowed,
    isElsewhere,
    engine: (name, args) => machines.engine().ask(name, args),
    // the token of this computer's keychain stays on this computer
    amend: (name, args) =>
      isElsewhere() ? args : withToken(name, args, () => tokenFor(keychain.token(), originNow())),
    answered: (name, answer) => {
      if (!answer.ok) return
      machines.allowed().accept(name, answer.value)
      if (name === 'saveSettings' && !isElsewhere()) preferences.accept(answer.value)
    },
  })
  const guard = createQuitGuard({
    window,
    busy: runs.busy,
    stopEngine: async () => {
      await machines.use('')
      return host.stop(patienceToQuit)
    },
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
