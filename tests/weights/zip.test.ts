// One reader of zip archives, from a file or from memory; what is damaged is refused.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { openZip } from '../../src-worker/weights/zip'
import { temporaryFolder } from '../temporary'

const text = (words: string) => new TextEncoder().encode(words)
const archive = () =>
  Buffer.from(
    zipSync({
      'a/packed.txt': text('word '.repeat(1000)),
      'b.txt': [text('as it is'), { level: 0 }],
    }),
  )

async function contents(source: string | Uint8Array) {
  const zip = await openZip(source)
  const found: Record<string, readonly [string, boolean, number]> = {}
  for await (const { name, stored, bytes, read } of zip.entries()) {
    const parts: Uint8Array[] = []
    for await (const part of read()) parts.push(part)
    found[name] = [Buffer.concat(parts).toString(), stored, bytes]
  }
  zip.close()
  return found
}

describe('a zip archive', () => {
  test('is the same from a file and from memory', async () => {
    const path = join(temporaryFolder(), 'archive.zip')
    writeFileSync(path, archive())
    const expected = {
      'a/packed.txt': ['word '.repeat(1000), false, 5000],
      'b.txt': ['as it is', true, 8],
    }
    expect(await contents(path)).toEqual(expected)
    expect(await contents(archive())).toEqual(expected)
  })

  test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    ['cut off', bytes => bytes.subarray(0, bytes.length - 30), /directory is missing: truncated/],
    [
      'with another letter in a stored entry',
      bytes => {
        bytes[bytes.indexOf('as it is')] = 0x41
        return bytes
      },
      /entry b\.txt is damaged \(wrong CRC\)/,
    ],
    [
      'with a directory that names nothing',
      bytes => {
        bytes[bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))] = 0
        return bytes
      },
      /directory is damaged: invalid central directory file header signature/,
    ],
  ])('%s is refused', async (_, damage, words) => {
    await expect(contents(damage(archive()))).rejects.toThrow(words)
  })
})
