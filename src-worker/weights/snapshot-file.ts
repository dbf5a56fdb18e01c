// Soft prompts on disk. Written: our safetensors, with the original's tensor names and our metadata. Read: these, a run
// folder or checkpoint of ours, the original's .pt files, and PEFT prompt-tuning adapters.
import { open, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Fault } from '../contract/fault'
import {
  type Parameter,
  type Snapshot,
  type SnapshotMetadata,
  snapshotMetadataSchema,
} from '../contract/snapshot'
import { fromStateDict, stateDictShapes, toStateDict } from '../prompt/state-dict'
import { checkContent, writeChecked } from './checksum'
import { fromOriginal } from './original-snapshot'
import { openPeft } from './peft'
import { refuseSpecial } from './plain-file'
import { readSafetensorsHeader, readTensor } from './safetensors'
import { readTorchFile } from './torch-pickle'

const metadataKey = 'workbench.snapshot'

/** The metadata as it stands in the header of a safetensors file. */
export const encodeMetadata = (metadata: SnapshotMetadata): Record<string, string> => ({
  format: 'pt',
  [metadataKey]: JSON.stringify(metadata),
})

/** Writes `snapshot.safetensors`, whole or not at all. */
export async function writeSnapshot(path: string, snapshot: Snapshot): Promise<void> {
  const { metadata, parameters } = snapshot
  await writeChecked(path, toStateDict(metadata.shape, parameters), encodeMetadata(metadata))
}

const refused = (path: string, what: string): Fault =>
  new Fault('bad-snapshot', `${path} is refused: ${what}`, 'Choose a snapshot of a soft prompt.')

function decodeMetadata(text: string | undefined, path: string): SnapshotMetadata {
  if (text === undefined) throw refused(path, 'its header has no snapshot metadata')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refused(path, 'its snapshot metadata is not JSON')
  }
  const parsed = snapshotMetadataSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw refused(path, `its metadata is wrong at ${issue?.path.join('.')}: ${issue?.message}`)
}

async function openOurs(path: string): Promise<Snapshot> {
  const header = await readSafetensorsHeader(path)
  const { tensors, metadata: texts } = header
  const metadata = decodeMetadata(texts[metadataKey], path)
  await checkContent(path, header)
  const state = new Map<string, Parameter>()
  for (const name of stateDictShapes(metadata.shape).keys()) {
    const entry = tensors.get(name)
    if (entry === undefined) continue
    if (entry.dtype !== 'F32') throw refused(path, `${name} is ${entry.dtype}, not F32`)
    state.set(name, { shape: entry.shape, data: await readTensor(entry) })
  }
  return { metadata, parameters: fromStateDict(metadata.shape, state) }
}

/** The first bytes identify a safetensors file: its header is a JSON object after 8 bytes of length. */
async function isSafetensors(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(9), 0, 9, 0)
    return bytesRead === 9 && buffer[8] === 0x7b && buffer.readUInt32LE(4) === 0
  } finally {
    await handle.close()
  }
}

async function openFolder(path: string): Promise<Snapshot> {
  const has = async (name: string): Promise<boolean> =>
    (await stat(join(path, name)).catch(() => undefined)) !== undefined
  if (await has('adapter_config.json')) return openPeft(path)
  if (await has('snapshot.safetensors')) return openFile(join(path, 'snapshot.safetensors'))
  throw refused(path, 'the folder has neither snapshot.safetensors nor adapter_config.json')
}

/** Node reads no larger file at once. */
const largestFile = 2 ** 31 - 1

async function openFile(path: string): Promise<Snapshot> {
  if (basename(path).startsWith('adapter_model.')) return openPeft(dirname(path))
  if (await isSafetensors(path)) return openOurs(path)
  const { size } = await stat(path)
  if (size > largestFile) throw refused(path, `${size} bytes are too many for a soft prompt`)
  return fromOriginal(await readTorchFile(await readFile(path), path), path)
}

/** Faults of tensors and metadata that disagree do not know the file. */
function withPath(error: unknown, path: string): unknown {
  const known = !(error instanceof Fault) || error.code !== 'bad-snapshot'
  return known || error.message.includes(path) ? error : refused(path, error.message)
}

/** A loss or a token from numbers that are not finite would only mislead. */
function checkFinite(snapshot: Snapshot, path: string): void {
  for (const [name, { data }] of snapshot.parameters) {
    const bad = data.reduce((count, value) => (Number.isFinite(value) ? count : count + 1), 0)
    if (bad > 0)
      throw refused(path, `${bad} of the ${data.length} numbers of ${name} are not finite`)
  }
}

/**
 * Opens a soft prompt: snapshot.safetensors, a checkpoint or a run folder of ours, a .pt file of the original (zip or
 * legacy; never executed), or a PEFT prompt-tuning folder.
 * Faults: not-found, bad-snapshot (says why), bad-file (a damaged safetensors file).
 */
export async function openSnapshot(path: string): Promise<Snapshot> {
  const status = await stat(path).catch(() => undefined)
  if (status === undefined)
    throw new Fault('not-found', `no snapshot at ${path}`, 'Check the path.')
  refuseSpecial(path, status)
  const snapshot = await (status.isDirectory() ? openFolder(path) : openFile(path)).catch(error => {
    throw withPath(error, path)
  })
  checkFinite(snapshot, path)
  return snapshot
}

/** Metadata of a file of ours, read from its header alone. Faults: bad-snapshot, bad-file. */
export async function readSnapshotMetadata(path: string): Promise<SnapshotMetadata> {
  const { metadata } = await readSafetensorsHeader(path)
  return decodeMetadata(metadata[metadataKey], path)
}
