// A Debian package of a packed app, by dpkg-deb alone. The program lies in /opt; its two commands in /usr/bin are links.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { debianPackages } from '../display.mjs'

const architectures = { x64: 'amd64', arm64: 'arm64' }

/** KiB of a folder, as Debian counts. */
function kibibytes(folder) {
  const sizes = readdirSync(folder, { recursive: true }).map(path => {
    const found = lstatSync(join(folder, path))
    return found.isFile() ? Math.ceil(found.size / 1024) : 1
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}

export const control = ({ product, arch, installed }) => `Package: ${product.name}
Version: ${product.version}
Architecture: ${architectures[arch]}
Maintainer: ${product.title} <noreply@localhost>
Installed-Size: ${installed}
Depends: ${debianPackages.map(names => names.join(' | ')).join(', ')}
Recommends: libsecret-1-0, xdg-utils
Section: science
Priority: optional
Description: ${product.title}
 ${product.description}
`

export const desktopFile = product => `[Desktop Entry]
Type=Application
Name=${product.title}
Comment=${product.description}
Exec=/opt/${product.name}/${product.name} %F
Icon=${product.name}
StartupWMClass=${product.title}
MimeType=${product.mimeType};
Categories=Science;Education;
Terminal=false
`

/** Menus and file types are the desktop's own caches. */
const refresh = `#!/bin/sh
update-desktop-database -q /usr/share/applications 2>/dev/null || true
update-mime-database /usr/share/mime 2>/dev/null || true
`

function put(file, content, mode = 0o644) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, mode)
}

/** @param packed the folder that electron-builder filled   @returns nothing; FILE is written */
export function writeDeb({ packed, icons, mime, work, file, product, arch }) {
  rmSync(work, { recursive: true, force: true })
  const program = join(work, 'opt', product.name)
  cpSync(packed, program, { recursive: true, verbatimSymlinks: true })
  // Chromium's second way to a sandbox, for systems that forbid user namespaces: owned by root, it may be setuid
  chmodSync(join(program, 'chrome-sandbox'), 0o4755)
  mkdirSync(join(work, 'usr/bin'), { recursive: true })
  for (const command of [product.name, 'spw'])
    symlinkSync(`../../opt/${product.name}/${command}`, join(work, 'usr/bin', command))
  put(join(work, `usr/share/applications/${product.name}.desktop`), desktopFile(product))
  cpSync(mime, join(work, `usr/share/mime/packages/${product.name}.xml`))
  for (const name of readdirSync(join(icons, 'icons'))) {
    const folder = join(work, 'usr/share/icons/hicolor', name.replace('.png', ''), 'apps')
    mkdirSync(folder, { recursive: true })
    cpSync(join(icons, 'icons', name), join(folder, `${product.name}.png`))
  }
  cpSync(join(packed, 'resources/parts'), join(work, 'usr/share/doc', product.name), {
    recursive: true,
  })
  put(join(work, 'DEBIAN/control'), control({ product, arch, installed: kibibytes(work) }))
  for (const script of ['postinst', 'postrm']) put(join(work, 'DEBIAN', script), refresh, 0o755)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '--build', work, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  rmSync(work, { recursive: true, force: true })
}
