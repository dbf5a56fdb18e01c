// What a package is made of, as far as it can be seen without packing; the packed app itself: tests/e2e/packed.test.ts.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { control, desktopFile } from '../../.ci/packaging/deb.mjs'
import { icns, ico } from '../../.ci/packaging/icons.mjs'
import { lockfileFaults } from '../../.ci/sbom.mjs'
import packageJson from '../../package.json'

const product = {
  name: packageJson.name,
  title: 'A title',
  version: packageJson.version,
  description: packageJson.description,
  mimeType: 'application/x-soft-prompt',
}
const pictures = [
  { side: 32, png: Buffer.from('small') },
  { side: 256, png: Buffer.from('the large one') },
]

test('a Windows icon names each picture by its place and length', () => {
  const file = ico(pictures)
  expect(file.readUInt16LE(4)).toBe(pictures.length)
  const found = pictures.map((_, i) => {
    const [length, at] = [file.readUInt32LE(6 + 16 * i + 8), file.readUInt32LE(6 + 16 * i + 12)]
    return { side: file.readUInt8(6 + 16 * i) || 256, png: file.subarray(at, at + length) }
  })
  expect(found).toEqual(pictures)
})

test('an Apple icon is blocks with their lengths, and as long as it says', () => {
  const file = icns(pictures)
  expect(file.toString('latin1', 0, 4)).toBe('icns')
  expect(file.readUInt32BE(4)).toBe(file.length)
  const types: string[] = []
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4))
    types.push(file.toString('latin1', at, at + 4))
  expect(types).toEqual(['icp5', 'ic08'])
})

test('the desktop file opens the files whose type the package defines', () => {
  const defined = readFileSync('resources/build/mime.xml', 'utf8')
  expect(defined).toContain(`type="${product.mimeType}"`)
  expect(defined).toContain('pattern="*.spw"')
  expect(desktopFile(product)).toContain(`MimeType=${product.mimeType};`)
})

test('the Debian package asks for libraries by their old and new names, and for no sandbox to be off', () => {
  const text = control({ product, arch: 'x64', installed: 7 })
  expect(text).toContain('libgtk-3-0 | libgtk-3-0t64')
  expect(text).toContain('Architecture: amd64')
  expect(text + desktopFile(product)).not.toContain('sandbox')
})

test('what packaging installs is pinned as everything else is', () => {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  const folder = '.ci/packaging'
  const manifest = read(`${folder}/package.json`)
  expect(lockfileFaults(manifest, read(`${folder}/package-lock.json`))).toEqual([])
})
