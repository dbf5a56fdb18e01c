// Closing the window or quitting while runs are at work: keep running hidden, checkpoint and quit, or cancel.
import { app, type BrowserWindow, dialog } from 'electron'

export interface QuitGuardOptions {
  readonly window: () => BrowserWindow | undefined
  /** runs at work or queued */
  readonly busy: () => number
  /** checkpoints and ends the engine. @returns whether its threads have ended */
  readonly stopEngine: () => Promise<boolean>
}

export interface QuitGuard {
  watch(window: BrowserWindow): void
  /** runs changed: a hidden app without work left quits */
  workChanged(): void
  /** quit without asking (a signal of the system) */
  quitNow(): void
}

const choices = ['Keep running hidden', 'Checkpoint and quit', 'Cancel'] as const

async function ask(window: BrowserWindow, busy: number): Promise<(typeof choices)[number]> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Runs are at work',
    message: busy === 1 ? 'One run is not finished.' : `${busy} runs are not finished.`,
    detail:
      'Hidden, the app trains on and quits when all is done; starting it again shows the window. ' +
      'Checkpoint and quit saves every run so that it can be resumed.',
    buttons: [...choices],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  })
  return choices[response] ?? 'Cancel'
}

/**
 * The process cannot end in the ordinary way while a thread is stuck in its own end (github.com/nodejs/node/issues/54918):
 * it would stay without a window, and no other start could open one. All is saved by then, so it ends at once.
 */
function endAtOnce(): void {
  console.error('The engine has closed, but its thread did not end: the app ends without waiting.')
  process.kill(process.pid, 'SIGKILL')
}

export function createQuitGuard(options: QuitGuardOptions): QuitGuard {
  let decided = false // the user, or the system, said quit
  let asking = false
  let engineStopped = false
  let idle: NodeJS.Timeout | undefined

  function quitNow(): void {
    decided = true
    app.quit()
  }

  async function decide(window: BrowserWindow): Promise<void> {
    if (asking) return
    asking = true
    try {
      const choice = await ask(window, options.busy())
      if (choice === 'Keep running hidden') window.hide()
      else if (choice === 'Checkpoint and quit') quitNow()
    } finally {
      asking = false
    }
  }

  /** @returns whether the close or quit must wait for the user's word */
  function mustAsk(): boolean {
    const window = options.window()
    if (decided || options.busy() === 0 || window === undefined) return false
    window.show()
    void decide(window)
    return true
  }

  app.on('before-quit', event => {
    if (mustAsk()) {
      event.preventDefault()
      return
    }
    decided = true
    if (engineStopped) return
    event.preventDefault()
    void options.stopEngine().then(ended => {
      engineStopped = true
      if (!ended) app.once('quit', endAtOnce)
      app.quit()
    })
  })
  app.on('window-all-closed', () => app.quit())

  return {
    quitNow,
    watch: window =>
      window.on('close', event => {
        if (mustAsk()) event.preventDefault()
      }),
    workChanged: () => {
      clearTimeout(idle)
      const window = options.window()
      if (options.busy() > 0 || window === undefined || window.isVisible()) return
      idle = setTimeout(() => {
        if (options.busy() === 0 && !window.isDestroyed() && !window.isVisible()) quitNow()
      }, 10_000)
    },
  }
}
