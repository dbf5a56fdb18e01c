// Electron's main process. No model is ever run on this thread.
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { app } from 'electron'
import { catchUnhandled } from '../src-worker/ports/unhandled'
import { isPromptFile } from '../src-worker/shared/prompt-files'
import { guardEveryPage } from './guards'
import { appPaths, devServer } from './paths'
import { registerScheme } from './protocol'
import { type Shell, startShell } from './shell'
import { stateFile } from './window'
import { readWindowState } from './window-state'

/**
 * Files and folders among the arguments of a start; switches and the app's own folder are not. A soft prompt that is not there
 * is worth a fault; any other word may be Chromium's own.
 */
function filesOf(argv: readonly string[], folder: string): string[] {
  const named = argv.slice(1).filter(argument => !argument.startsWith('-'))
  const own = resolve(app.getAppPath())
  const files = named.map(file => resolve(folder, file))
  return files.filter(file => file !== own && (existsSync(file) || isPromptFile(file)))
}

function main(): void {
  catchUnhandled()
  const paths = appPaths()
  mkdirSync(paths.desktop, { recursive: true })
  app.setPath('userData', paths.desktop) // the single instance is one per home
  if (!app.requestSingleInstanceLock()) {
    console.log('Soft Prompt Workbench is running already: showing its window.')
    app.quit()
    return
  }
  const { softwareRendering } = readWindowState(stateFile(paths))
  if (softwareRendering) app.disableHardwareAcceleration()
  // without a sandbox only where Chromium cannot have one (root; see .ci/start.mjs); both at once would not start
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  registerScheme()
  guardEveryPage(devServer())

  let shell: Shell | undefined
  app.on('second-instance', (_event, argv, folder) => {
    shell?.show()
    const files = filesOf(argv, folder)
    if (files.length > 0) shell?.open(files)
  })
  void app.whenReady().then(() => {
    const opened = startShell(paths, softwareRendering)
    shell = opened
    // not earlier: Chromium would put its own listeners in place of these, and ask about runs
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, opened.quitNow)
    const files = filesOf(process.argv, process.cwd())
    if (files.length > 0) shell.open(files)
  })
}

main()
