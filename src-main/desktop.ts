// Answers the calls of contract/desktop.ts: dialogs, file manager, clipboard, notifications, keychain.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { app, type BrowserWindow, clipboard, dialog, Notification, shell } from 'electron'
import type { DesktopApi, FileKind } from '../src-worker/contract/desktop'
import { Fault } from '../src-worker/contract/fault'
import { promptEndings } from '../src-worker/shared/prompt-files'
import { externalAddress } from './addresses'
import { isOpened } from './file-manager'
import type { Keychain } from './keychain'
import { machineCalls } from './machine-calls'
import type { MachineSwitch } from './machines'
import type { AllowedPaths } from './paths-allowed'

const filters: Readonly<Record<FileKind, readonly Electron.FileFilter[]>> = {
  any: [],
  dataset: [
    {
      name: 'Datasets',
      extensions: ['jsonl', 'json', 'zst', 'gz', 'parquet', 'csv', 'txt', 'pgn'],
    },
  ],
  snapshot: [{ name: 'Soft prompts', extensions: [...promptEndings, 'bin'] }],
  json: [{ name: 'JSON', extensions: ['json'] }],
  tensorboard: [],
}
const everything: Electron.FileFilter = { name: 'All files', extensions: ['*'] }
const filtersOf = (kind: FileKind): Electron.FileFilter[] => [...filters[kind], everything]

const largestText = 4_000_000

/** Written beside its place and renamed, so that a full disk leaves the old file. */
async function write(path: string, content: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.part`)
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function textOf(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size > largestText)
    throw new Fault(
      'bad-file',
      `${path} has ${size} bytes of ${largestText}`,
      'Choose a smaller file.',
    )
  return readFile(path, 'utf8')
}

export interface DesktopOptions {
  readonly window: () => BrowserWindow | undefined
  readonly machines: MachineSwitch
  /** the app's resources */
  readonly resources: string
  readonly copied: (host: string, fraction: number) => void
  readonly keychain: Keychain
  readonly home: string
  /** of this computer */
  readonly allowed: AllowedPaths
  /** where a token goes as the settings are now; undefined: nowhere */
  readonly tokenOrigin: () => string | undefined
  readonly softwareRendering: boolean
  /** shows and focuses the window */
  readonly show: () => void
}

type OpenOptions = Electron.OpenDialogOptions

/** Dialogs, over the window when there is one. */
function dialogCalls(window: () => BrowserWindow | undefined, allowed: AllowedPaths) {
  async function ask(options: OpenOptions): Promise<readonly string[]> {
    const over = window()
    const { canceled, filePaths } = await (over
      ? dialog.showOpenDialog(over, options)
      : dialog.showOpenDialog(options))
    if (canceled) return []
    allowed.allow(filePaths)
    return filePaths
  }
  return {
    chooseFiles: async ({ title, kind, multiple }) => {
      const several: OpenOptions['properties'] = multiple ? ['multiSelections'] : []
      const properties: OpenOptions['properties'] = ['openFile', ...several]
      return [...(await ask({ title, filters: filtersOf(kind), properties }))]
    },
    chooseFolder: async ({ title }) =>
      (await ask({ title, properties: ['openDirectory', 'createDirectory'] }))[0] ?? null,
    openTextFile: async ({ title, kind }) => {
      const [path] = await ask({ title, filters: filtersOf(kind), properties: ['openFile'] })
      return path === undefined ? null : { path, text: await textOf(path) }
    },
    saveFile: async ({ title, suggestedName, content }) => {
      const options = { title, defaultPath: join(app.getPath('downloads'), suggestedName) }
      const over = window()
      const { filePath } = await (over
        ? dialog.showSaveDialog(over, options)
        : dialog.showSaveDialog(options))
      if (!filePath) return null
      allowed.allow([filePath])
      const text = content.kind === 'text'
      await write(
        filePath,
        Buffer.from(text ? content.text : content.base64, text ? 'utf8' : 'base64'),
      )
      return filePath
    },
  } satisfies Partial<DesktopApi>
}

export function notify(title: string, body: string, clicked: () => void): void {
  if (!Notification.isSupported()) return
  const note = new Notification({ title, body })
  note.on('click', clicked)
  note.show()
}

export function createDesktop(options: DesktopOptions): DesktopApi {
  const { machines, keychain, resources } = options
  return {
    ...dialogCalls(options.window, options.allowed),
    ...machineCalls({
      machines,
      version: app.getVersion(),
      bundles: [join(resources, '../out'), join(resources, '..'), options.home],
      exists: existsSync,
      progress: options.copied,
    }),
    appInfo: async () => ({
      version: app.getVersion(),
      electron: process.versions.electron ?? '',
      chrome: process.versions.chrome ?? '',
      node: process.versions.node,
      platform: process.platform,
      packaged: app.isPackaged,
      home: options.home,
      softwareRendering: options.softwareRendering,
    }),
    engineStateNow: async () => machines.engine().state(),
    restartEngine: async () => {
      await machines.engine().restart()
      return null
    },
    relaunch: async () => {
      app.relaunch()
      app.quit()
      return null
    },
    showInFolder: async ({ path }) => {
      if (machines.current() !== '')
        throw new Fault(
          'usage',
          `${path} lies on ${machines.current()}`,
          'Look at it there, with a terminal.',
        )
      options.allowed.check({ path })
      const found = await stat(path)
      if (isOpened(process.platform, found.isDirectory())) await shell.openPath(path)
      else shell.showItemInFolder(path)
      return null
    },
    openExternal: async ({ url }) => {
      const address = externalAddress(url)
      if (address === undefined)
        throw new Fault(
          'usage',
          `${url} is not an address this app opens`,
          'Copy it into a browser.',
        )
      await shell.openExternal(address)
      return null
    },
    copyText: async ({ text }) => {
      clipboard.writeText(text)
      return null
    },
    notify: async ({ title, body }) => {
      notify(title, body, options.show)
      return null
    },
    hubToken: async () => ({ saved: keychain.token().token !== '', keychain: keychain.lasting() }),
    saveHubToken: async ({ token }) => {
      const origin = options.tokenOrigin()
      if (token.trim() !== '' && origin === undefined)
        throw new Fault(
          'usage',
          'a token is only sent over https, and the address of the hub is none',
          'Correct the address of the hub first.',
        )
      keychain.save(token.trim(), origin ?? '')
      return { saved: token.trim() !== '' }
    },
  }
}
