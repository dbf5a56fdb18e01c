// Event files: what we write we read back, torn files give what is whole.
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { afterAll, describe, expect, test } from 'vitest'
import { eventFiles, eventWriter, rewriteEvents } from '../../src-worker/analysis/tensorboard'
import { type Scalar, scalarsOf } from '../../src-worker/analysis/tensorboard-event'
import { readEvents, readTensorboard } from '../../src-worker/analysis/tensorboard-import'
import { frame, maskedCrc, unframe } from '../../src-worker/analysis/tensorboard-record'

const scratch = mkdtempSync(join(tmpdir(), 'spw-tensorboard-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const fresh = async (name: string): Promise<string> => {
  const folder = join(scratch, name)
  await mkdir(folder, { recursive: true })
  return folder
}

const scalar = (tag: string, step: number, value: number): Scalar => ({
  tag,
  step,
  value,
  wall: 1_700_000_000_123 + step,
})
const run = (steps: number): Scalar[] =>
  Array.from({ length: steps }, (_, step) => [
    scalar('Loss', step, 3 / (step + 1)),
    scalar('Trained token count', step, step * 7196),
  ]).flat()
const onlyFile = (folder: string): Buffer => readFileSync(join(folder, eventFiles(folder)[0] ?? ''))

test('the checksum is the masked CRC-32C of TensorFlow', () => {
  // CRC-32C("123456789") = 0xe3069283 (RFC 3720); rotated right by 15 bits, plus 0xa282ead8
  const crc = 0xe3069283
  const expected = ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) % 2 ** 32
  expect(maskedCrc(Buffer.from('123456789'))).toBe(expected)
})

test('no file before the first scalar; then one file with the tags as given', async () => {
  const folder = await fresh('lazy')
  const writer = eventWriter(folder)
  writer.append([])
  expect(readdirSync(folder)).toEqual([])
  writer.append(run(3))
  expect(eventFiles(folder)[0]).toMatch(/^events\.out\.tfevents\.1700000000\..+\.\d+/)
  writer.append([scalar('Größe / "Ω"', 2 ** 40, -1e30)])
  writer.close()
  const log = readEvents(onlyFile(folder))
  expect(log.problems).toEqual([])
  expect([...log.scalars.keys()]).toEqual(['Loss', 'Trained token count', 'Größe / "Ω"'])
  expect(log.scalars.get('Loss')?.values).toEqual([3, 1.5, 1])
  expect(log.scalars.get('Loss')?.wall).toEqual([0, 1, 2].map(s => 1_700_000_000_123 + s))
  expect(log.scalars.get('Größe / "Ω"')).toEqual({
    steps: [2 ** 40],
    values: [Math.fround(-1e30)],
    wall: [1_700_000_000_123 + 2 ** 40],
  })
})

test('values that are not finite survive', async () => {
  const folder = await fresh('not-finite')
  const writer = eventWriter(folder)
  writer.append([NaN, Infinity, -Infinity].map((value, step) => scalar('Loss', step, value)))
  writer.close()
  expect(readEvents(onlyFile(folder)).scalars.get('Loss')?.values).toEqual([
    NaN,
    Infinity,
    -Infinity,
  ])
})

test('going back to a checkpoint: the steps behind it are gone, the file stays one', async () => {
  const folder = await fresh('resume')
  const first = eventWriter(folder)
  first.append(run(8))
  first.close()
  const name = eventFiles(folder)
  await rewriteEvents(folder, run(5))
  const second = eventWriter(folder)
  second.append(run(10).slice(10))
  second.close()
  expect(eventFiles(folder)).toEqual(name)
  const straight = await fresh('straight')
  const writer = eventWriter(straight)
  writer.append(run(10))
  writer.close()
  expect(onlyFile(folder).equals(onlyFile(straight))).toBe(true)
})

test('a torn tail is reported, and cut before more is appended', async () => {
  const folder = await fresh('torn')
  const writer = eventWriter(folder)
  writer.append(run(4))
  writer.close()
  const path = join(folder, eventFiles(folder)[0] ?? '')
  const whole = readFileSync(path)
  for (let cut = 1; cut < 40; cut++) {
    const log = readEvents(whole.subarray(0, whole.length - cut))
    expect(log.problems.join()).toMatch(/cut off .* at byte \d+ of \d+, after \d+ records/)
    expect(log.scalars.get('Loss')?.steps).toEqual([0, 1, 2, 3])
  }
  writeFileSync(path, whole.subarray(0, whole.length - 5))
  const again = eventWriter(folder)
  again.append([scalar('Loss', 4, 0.5)])
  again.close()
  const log = readEvents(readFileSync(path))
  expect(log.problems).toEqual([])
  expect(log.scalars.get('Loss')?.steps).toEqual([0, 1, 2, 3, 4])
  appendFileSync(path, 'xx')
  expect(readEvents(readFileSync(path)).problems).toHaveLength(1)
})

test('a flipped bit ends the reading with its place', async () => {
  const records = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')].map(frame)
  const bytes = Buffer.concat(records)
  const at = (records[0]?.length ?? 0) + 13
  bytes[at] = (bytes[at] ?? 0) ^ 1
  const { records: whole, problem } = unframe(bytes)
  expect(whole.map(r => Buffer.from(r).toString())).toEqual(['one'])
  expect(problem).toBe('wrong checksum of a record at byte 19 of 59, after 1 records')
})

describe('archives', () => {
  /** A plain ustar archive. */
  const tar = (files: Readonly<Record<string, Buffer>>): Buffer => {
    const blocks: Buffer[] = []
    for (const [name, content] of Object.entries(files)) {
      const head = Buffer.alloc(512)
      head.write(name, 0)
      head.write('0000644\0', 100)
      head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
      head.write('        0', 148)
      head.write('ustar\x0000', 257)
      const sum = head.reduce((s, byte) => s + byte, 0)
      head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
      blocks.push(head, content, Buffer.alloc((512 - (content.length % 512)) % 512))
    }
    return Buffer.concat([...blocks, Buffer.alloc(1024)])
  }
  const content = async (): Promise<Record<string, Buffer>> => {
    const folder = await fresh('content')
    rmSync(folder, { recursive: true })
    const writer = eventWriter(await fresh('content'))
    writer.append(run(3))
    writer.close()
    const bytes = onlyFile(folder)
    return {
      'runs/a, 4/events.out.tfevents.1.h.1': bytes,
      'runs/b, 16/events.out.tfevents.1.h.1': bytes,
      'runs/b, 16/notes.txt': Buffer.from('no'),
    }
  }
  const kinds: readonly (readonly [string, (files: Record<string, Buffer>) => Uint8Array])[] = [
    ['logs.tar', tar],
    ['logs.tar.gz', files => gzipSync(tar(files))],
    ['logs.zip', files => zipSync(files)],
  ]
  test.each(kinds)('%s', async (name, pack) => {
    const path = join(scratch, name)
    writeFileSync(path, pack(await content()))
    const runs = await readTensorboard(path)
    expect(runs.map(r => r.name)).toEqual(['runs/a, 4', 'runs/b, 16'])
    expect(runs[1]?.scalars.get('Loss')?.values).toEqual([3, 1.5, 1])
  })

  test('a folder, a single file', async () => {
    const folder = await fresh('tree/deep/run')
    const writer = eventWriter(folder)
    writer.append(run(2))
    writer.close()
    expect((await readTensorboard(join(scratch, 'tree'))).map(r => r.name)).toEqual(['deep/run'])
    const file = join(folder, eventFiles(folder)[0] ?? '')
    expect((await readTensorboard(file)).map(r => r.name)).toEqual(['run'])
  })

  test('what is no archive, and what is cut, is refused in words', async () => {
    const junk = join(scratch, 'junk.tar')
    writeFileSync(junk, Buffer.alloc(2000, 'junk'))
    await expect(readTensorboard(junk)).rejects.toMatchObject({
      code: 'bad-file',
      message: `${junk} is not a tar archive`,
      fix: 'Choose a .tar, .tar.gz, .tar.zst or .zip.',
    })
    const cut = join(scratch, 'cut.tar.gz')
    const bytes = gzipSync(tar(await content()))
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1))
    await expect(readTensorboard(cut)).rejects.toMatchObject({ code: 'bad-file' })
    await expect(readTensorboard(await fresh('empty'))).rejects.toMatchObject({
      message: `there is no TensorBoard event file in ${join(scratch, 'empty')}`,
    })
  })
})

test('a tensor that no event calls a scalar is one where it has no dimensions', () => {
  const bytes = (number: number, ...parts: readonly Uint8Array[]): Buffer => {
    const inner = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([(number << 3) | 2, inner.length]), inner])
  }
  const float = Buffer.alloc(4)
  float.writeFloatLE(2.5)
  const event = (tag: string, shape: Buffer) => {
    const tensor = bytes(8, Buffer.from([8, 1]), bytes(2, shape), bytes(5, float))
    const summary = bytes(5, bytes(1, bytes(1, Buffer.from(tag)), tensor))
    return Buffer.concat([Buffer.from([16, 7]), summary])
  }
  const scalars = (event: Uint8Array) => scalarsOf(event, new Map())
  const none = Buffer.alloc(0)
  expect(scalars(event('Loss', none))).toEqual([{ tag: 'Loss', step: 7, value: 2.5, wall: 0 }])
  // one dimension of size 1
  expect(scalars(event('histogram', bytes(2, Buffer.from([8, 1]))))).toEqual([])
  const plugins = new Map([['Loss', 'images']])
  expect(scalarsOf(event('Loss', none), plugins)).toEqual([])
})
