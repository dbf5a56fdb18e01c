// The program's icon in each system's file: resources/build/icon.svg drawn at each size, then put into containers of PNG files.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Pixels of a side. */
export const sizes = [16, 32, 48, 64, 128, 256, 512, 1024]
/** Apple's name for a PNG of so many pixels. */
const appleType = {
  16: 'icp4',
  32: 'icp5',
  64: 'icp6',
  128: 'ic07',
  256: 'ic08',
  512: 'ic09',
  1024: 'ic10',
}

/** Windows: a header, 16 bytes a picture, the pictures. A side of 256 is written as 0. */
export function ico(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(1, 2) // an icon
  head.writeUInt16LE(pictures.length, 4)
  let at = head.length
  for (const [i, { side, png }] of pictures.entries()) {
    const entry = 6 + 16 * i
    head.writeUInt8(side % 256, entry)
    head.writeUInt8(side % 256, entry + 1)
    head.writeUInt16LE(1, entry + 4) // planes
    head.writeUInt16LE(32, entry + 6) // bits a pixel
    head.writeUInt32LE(png.length, entry + 8)
    head.writeUInt32LE(at, entry + 12)
    at += png.length
  }
  return Buffer.concat([head, ...pictures.map(({ png }) => png)])
}

/** macOS: 'icns' and the length of the whole, then type, length and bytes of each picture. */
export function icns(pictures) {
  const block = (type, content) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(8 + content.length, 4)
    return Buffer.concat([head, content])
  }
  const blocks = pictures.flatMap(({ side, png }) =>
    side in appleType ? [block(appleType[side], png)] : [],
  )
  return block('icns', Buffer.concat(blocks))
}

/** Writes icons/<side>x<side>.png, icon.png, icon.ico and icon.icns into a folder. */
export function drawIcons(svg, folder) {
  const { Resvg } = createRequire(join(here, 'package.json'))('@resvg/resvg-js')
  const drawing = readFileSync(svg, 'utf8')
  const draw = side =>
    new Resvg(drawing, { fitTo: { mode: 'width', value: side } }).render().asPng()
  const pictures = sizes.map(side => ({ side, png: draw(side) }))
  mkdirSync(join(folder, 'icons'), { recursive: true })
  for (const { side, png } of pictures)
    writeFileSync(join(folder, 'icons', `${side}x${side}.png`), png)
  writeFileSync(join(folder, 'icon.png'), pictures.at(-1).png)
  writeFileSync(join(folder, 'icon.ico'), ico(pictures.filter(({ side }) => side <= 256)))
  writeFileSync(join(folder, 'icon.icns'), icns(pictures))
}
