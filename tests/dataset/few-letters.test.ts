// Small files in other encodings: a fault each, and the right encoding is among those that it names. Bytes by Python's codecs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Fault } from '../../src-worker/contract/fault'
import { fieldsRecords } from '../../src-worker/dataset/files'
import { temporaryFolder } from '../temporary'

async function readBytes(name: string, bytes: Uint8Array): Promise<unknown[]> {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  const records: unknown[] = []
  for await (const { fields } of fieldsRecords(path, {})) records.push(fields)
  return records
}

test.each([
  ['sjis.jsonl', '7b2274657874223a2022938c8b9e227d0a', 'CP932'],
  ['sjis-one.txt', '955c0a', 'CP932'],
  ['eucjp.csv', '746578740ac6fccbdc0a', 'EUC-JP'],
  ['big5.jsonl', '7b2274657874223a2022a741a66e227d0a', 'Big5'],
  ['big5.txt', 'a578', 'Big5'],
  ['big5.csv', '746578740aa4a4a4e50a', 'Big5'],
  ['gb.txt', 'bac30a', 'GB18030'],
  ['korean.jsonl', '7b2274657874223a2022b0a1227d0a', 'CP949'],
  ['russian.txt', 'c4e0', 'Windows-1251'],
  ['russian-one.jsonl', '7b2274657874223a2022ff227d0a', 'Windows-1251'],
  ['koi.txt', 'e4c1', 'KOI8-R'],
  ['latin.txt', 'e9', 'ISO-8859-1'],
  ['latin-two.jsonl', '7b2274657874223a2022e9e9227d0a', 'ISO-8859-1'],
  ['latin.csv', '746578740a636166e90a', 'ISO-8859-1'],
  ['dash.txt', '96', 'Windows-1252'],
  // café – “x”,naïve: no Greek letter stands within a Latin word
  ['words.csv', '702c630a636166e92096209378942c6e61ef76650a', 'Windows-1252'],
  ['wide.txt', 'e5652c67', 'UTF-16LE'],
  ['wide-big.txt', '65e5672c8a9e306e30c630ad30b930c8', 'UTF-16BE'],
  ['wide-korean.txt', '5cd500ae85c7c8b2e4b20a00', 'UTF-16LE'],
  [
    'wide-korean.jsonl',
    '7b002200740065007800740022003a00200022005cd500ae85c7c8b2e4b222007d000a00',
    'UTF-16LE',
  ],
  [
    'wide-chinese.jsonl',
    '007b002200740065007800740022003a002000224f60597d4e16754c0022007d000a',
    'UTF-16BE',
  ],
  ['wide-two.txt', '61006200', 'UTF-16LE'],
  ['wide-russian.txt', '14043004', 'UTF-16LE'],
  ['wide-russian.csv', '0074006500780074000a04140430000a', 'UTF-16BE'],
])('%s', async (name, hex, encoding) => {
  const fault = await readBytes(name, Buffer.from(hex, 'hex')).catch((error: Fault) => error)
  expect(fault).toMatchObject({ code: 'bad-file' })
  const { message, fix } = fault as Fault
  const said = `its letters are few, so that it may be .*${encoding}.* as well`
  // a guess among several says so
  if (!fix.includes(`iconv -f ${encoding} `)) expect(message).toMatch(new RegExp(said))
})

test('a European word among ASCII is no other script', async () => {
  const latin = Buffer.from('text\nna\xefve caf\xe9s\n', 'latin1')
  await expect(readBytes('l.csv', latin)).rejects.toMatchObject({
    message: expect.stringMatching(/the file is likely Latin-1 \(ISO-8859-1\)$/),
    fix: 'Write it as UTF-8: iconv -f ISO-8859-1 -t UTF-8.',
  })
})
