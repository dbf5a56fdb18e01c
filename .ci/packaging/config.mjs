// electron-builder's settings. Only .ci/package.mjs reads them.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setFuses, wrongFuses } from '../fuses.mjs'
import { product } from './layout.mjs'

/** Where updates would be fetched from. Without it nothing is published; the app itself asks no server for updates. */
const feed = process.env.SPW_UPDATE_FEED

/** An Electron before 29 has no switch for file://. */
const youngerThanFallback = ['GrantFileProtocolExtraPrivileges']

/** Fuses are set before anything is signed; Electron's own default app must not be there to be started instead. */
async function seal({ appOutDir, electronPlatformName, packager }, isFallback) {
  const mac = electronPlatformName === 'darwin'
  const inside = mac ? join(`${packager.appInfo.productFilename}.app`, 'Contents') : ''
  const resources = join(appOutDir, inside, mac ? 'Resources' : 'resources')
  for (const theirs of ['app', 'default_app.asar'])
    rmSync(join(resources, theirs), { recursive: true, force: true })
  const ending = electronPlatformName === 'win32' ? '.exe' : ''
  const program = mac
    ? join('MacOS', packager.appInfo.productFilename)
    : `${packager.executableName ?? packager.appInfo.productFilename}${ending}`
  const executable = join(appOutDir, inside, program)
  await setFuses(executable)
  const wrong = (await wrongFuses(executable)).filter(
    fuse => !isFallback || !youngerThanFallback.includes(fuse),
  )
  if (wrong.length > 0) throw new Error(`fuses are not as wanted: ${wrong.join(', ')}`)
}

/** @param staged the folder that layout.mjs filled   @param electron { version, folder?, source } */
export function configuration({ staged, icons, output, electron }) {
  const association = {
    ext: 'spw',
    name: 'Soft prompt',
    description: 'Soft prompt',
    mimeType: product.mimeType,
    role: 'Editor',
  }
  return {
    appId: product.id,
    productName: product.title,
    electronVersion: electron.version,
    ...(electron.folder && { electronDist: electron.folder }),
    // '${os}' and the like are electron-builder's
    artifactName: `\${name}-\${version}-\${os}-\${arch}${electron.mark}.\${ext}`,
    directories: { app: join(staged, 'app'), output, buildResources: icons },
    files: ['**/*'],
    asar: true,
    npmRebuild: false, // the engine's native code is Node-API: one file for each Node and each Electron
    nodeGypRebuild: false,
    // node_modules by itself: electron-builder leaves such folders out of others
    extraResources: ['engine', 'engine/node_modules', 'resources', 'parts'].map(part => ({
      from: join(staged, part),
      to: part,
      filter: ['**/*'],
    })),
    fileAssociations: [association],
    publish: feed ? [{ provider: 'generic', url: feed, channel: 'latest' }] : null,
    toolsets: { appimage: '1.0.3' },
    electronLanguages: ['en-US', 'en'],
    afterPack: context => seal(context, electron.source === 'fallback'),
    linux: {
      target: ['AppImage'],
      executableName: product.name,
      syncDesktopName: true,
      category: 'Science',
      icon: join(icons, 'icons'),
      synopsis: product.description,
    },
    win: { target: ['nsis', 'zip'], executableName: product.name, icon: join(icons, 'icon.ico') },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
    mac: {
      target: ['dmg', 'zip'],
      category: 'public.app-category.developer-tools',
      icon: join(icons, 'icon.icns'),
      hardenedRuntime: true,
    },
  }
}
