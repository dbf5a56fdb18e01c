// Whole sentences in many encodings: the fault names one that reads them as they were written, by Python's codecs.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Fault } from '../../src-worker/contract/fault'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { temporaryFolder } from '../temporary'

// made by make-encodings.py, the first article of the Universal Declaration of Human Rights and some words more
const cases = JSON.parse(readFileSync(join(__dirname, 'encodings.json'), 'utf8')) as [
  language: string,
  codec: string,
  hex: string,
  names: readonly string[],
][]

async function faultOf(name: string, bytes: Uint8Array): Promise<Fault> {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  try {
    for await (const _ of fieldsRecords(path, {}));
  } catch (error) {
    return error as Fault
  }
  throw new Error('it was read')
}

test.each(cases)('%s in %s', async (_language, _codec, hex, names) => {
  const bytes = Buffer.from(hex, 'hex')
  for (const [file, whole] of [
    ['a.txt', bytes],
    ['a.csv', Buffer.concat([Buffer.from('id,text\n1,"'), bytes, Buffer.from('"\n')])],
  ] as const) {
    const { code, fix } = await faultOf(file, whole)
    expect(code).toBe('bad-file')
    expect(names.map(each => `Write it as UTF-8: iconv -f ${each} -t UTF-8.`)).toContain(fix)
  }
})
