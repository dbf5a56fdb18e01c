// A checksum over the content of a file that we write: names, shapes, bytes of its tensors, and its metadata. It stands among
// the metadata, so that a file whose bits have changed on a disk is seen when it is read.
import { createHash } from 'node:crypto'
import { Fault } from '../contract/fault'
import { readRaw, type SafetensorsHeader } from './safetensors'
import { bytesOf, type TensorToWrite, writeSafetensors } from './safetensors-writer'

const key = 'workbench.sha256'

type Texts = Readonly<Record<string, string>>

function begun(metadata: Texts) {
  const texts = Object.entries(metadata).filter(([name]) => name !== key)
  texts.sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(texts))
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1

/** As writeSafetensors, with the checksum. */
export async function writeChecked(
  path: string,
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Texts,
): Promise<void> {
  const hash = begun(metadata)
  for (const [name, { shape, data }] of [...tensors].sort(byName))
    hash.update(`\n${name} ${shape.join()}\n`).update(bytesOf(data))
  await writeSafetensors(path, tensors, { ...metadata, [key]: hash.digest('hex') })
}

/**
 * Compares what was read with what was written; files of older versions have no checksum.
 * Faults: bad-file.
 */
export async function checkContent(
  path: string,
  { tensors, metadata }: SafetensorsHeader,
): Promise<void> {
  const expected = metadata[key]
  if (expected === undefined) return
  const hash = begun(metadata)
  for (const [name, entry] of [...tensors].sort(byName))
    hash.update(`\n${name} ${entry.shape.join()}\n`).update(await readRaw(entry))
  const found = hash.digest('hex')
  if (found === expected) return
  throw new Fault(
    'bad-file',
    `${path} is not as it was written: its checksum is ${found.slice(0, 12)}…, not ${expected.slice(0, 12)}…`,
    'Restore it from a copy, or use another checkpoint of the run.',
  )
}
