// What a packed app is made of, the same on each system:
//   app.asar             window, preload, main process: all that Electron itself loads, checked by the fuses
//   engine/              the engine outside of it: threads and plain processes must be able to load it, native code too
//   resources/           models, data and presets that come along
//   parts/               licences and the list of parts
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { copyNativePackages } from '../native-packages.mjs'
import { root } from '../node-modules.mjs'

const require = createRequire(import.meta.url)
const { name, version, description, license } = require('../../package.json')

export const product = {
  name,
  version,
  description,
  license,
  title: 'Soft Prompt Workbench',
  id: 'org.soft-prompt-workbench',
  mimeType: 'application/x-soft-prompt',
}

/** Of resources/, what only the page on the web or the build needs. */
const notShipped = /^(pictures|build)$/

const isMap = path => path.endsWith('.map')

/** Fills a folder with `app` (for the asar), `engine`, `resources` and `parts`. */
export function stage(folder, system) {
  rmSync(folder, { recursive: true, force: true })
  const app = join(folder, 'app')
  mkdirSync(app, { recursive: true })
  const filter = path => !isMap(path)
  for (const part of ['main', 'preload', 'renderer'])
    cpSync(join(root, 'out', part), join(app, 'out', part), { recursive: true, filter })
  const { title: productName, id: _id, mimeType: _mimeType, ...own } = product
  // by desktopName a system finds the entry that an open window belongs to
  const window = { main: 'out/main/index.js', desktopName: `${name}.desktop` }
  const manifest = { ...own, productName, author: productName, ...window }
  writeFileSync(join(app, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)

  const engine = join(folder, 'engine')
  cpSync(join(root, 'out/main'), join(engine, 'out/main'), {
    recursive: true,
    filter: path => !/[\\/]index\.js(\.map)?$/.test(path),
  })
  copyNativePackages(system, join(engine, 'node_modules'))

  const resources = join(root, 'resources')
  cpSync(resources, join(folder, 'resources'), {
    recursive: true,
    filter: path => dirname(path) !== resources || !notShipped.test(basename(path)),
  })
  cpSync(join(root, 'out/sbom'), join(folder, 'parts'), { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'parts/LICENSE'))
}
