// reference/snapshots: every .pt file of the original bit for bit, every malformed one refused.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Fault } from '../contract/fault'
import type { Parameter, Snapshot } from '../contract/snapshot'
import { toStateDict } from '../prompt/state-dict'
import { openSnapshot } from '../weights/snapshot-file'
import { compared, exact, part, type VerifyCase, type VerifyContext } from './case'
import { openGolden, present, readJson } from './golden'

interface SnapshotFile {
  readonly snapshots: readonly {
    readonly file: string
    readonly metadata: {
      readonly model_name: string
      readonly soft_prompt_metadata: { readonly soft_prompt_token_count: number }
      readonly training_metadata: Readonly<Record<string, unknown>>
      readonly dataset_name?: string
    }
    readonly state: readonly {
      readonly name: string
      readonly shape: number[]
      readonly sha256: string
    }[]
  }[]
  readonly malformed?: readonly { readonly file: string; readonly why: string }[]
}

type GoldenSnapshot = SnapshotFile['snapshots'][number]

const check = 'snapshots'

const bytesOf = ({ data }: Parameter): Buffer =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength)

function* metadataCases(
  file: string,
  golden: GoldenSnapshot['metadata'],
  { metadata }: Snapshot,
): Generator<VerifyCase, void> {
  const own = [
    metadata.model,
    metadata.shape.tokens,
    metadata.dataset,
    JSON.stringify(metadata.training),
  ]
  yield exact(check, `${file} metadata`, own, [
    golden.model_name,
    golden.soft_prompt_metadata.soft_prompt_token_count,
    golden.dataset_name,
    JSON.stringify(golden.training_metadata),
  ])
}

async function refusal(path: string): Promise<{ readonly ok: boolean; readonly note: string }> {
  try {
    await openSnapshot(path)
    return { ok: false, note: 'it was opened' }
  } catch (error) {
    return {
      ok: error instanceof Fault,
      note: String(error instanceof Error ? error.message : error),
    }
  }
}

async function* snapshotCases(
  folder: string,
  { file, metadata, state }: GoldenSnapshot,
): AsyncGenerator<VerifyCase, void> {
  const snapshot = await openSnapshot(await present(folder, file))
  yield* metadataCases(file, metadata, snapshot)
  const own = toStateDict(snapshot.metadata.shape, snapshot.parameters)
  const names = state.map(each => each.name)
  yield exact(check, `${file} names`, [...own.keys()].sort(), [...names].sort())
  for (const { name, shape, sha256 } of state) {
    const parameter = own.get(name) ?? { shape: [], data: new Float32Array(0) }
    const hash = createHash('sha256').update(bytesOf(parameter)).digest('hex')
    yield exact(check, `${file} ${name}`, [...parameter.shape, hash], [...shape, sha256])
  }
}

/** The arrays themselves, where the file of all arrays is there. */
async function* arrayCases(
  folder: string,
  snapshots: readonly GoldenSnapshot[],
): AsyncGenerator<VerifyCase, void> {
  const arrays = await openGolden(folder, 'expected_arrays.safetensors')
  for (const { file, state } of snapshots) {
    const { metadata, parameters } = await openSnapshot(await present(folder, file))
    const own = toStateDict(metadata.shape, parameters)
    for (const { name, shape } of state.filter(each => arrays.has(`${file}:${each.name}`))) {
      const expected = { shape, data: await arrays.floats(`${file}:${name}`) }
      const same = own.has(name) && bytesOf(own.get(name)!).equals(bytesOf(expected))
      yield compared(check, `${file} ${name} bits`, same ? 0 : 1, 0)
    }
  }
}

async function* malformedCase(
  folder: string,
  file: string,
  name: string,
): AsyncGenerator<VerifyCase, void> {
  const { ok, note } = await refusal(await present(folder, 'malformed', file))
  yield compared(check, name, ok ? 0 : 1, 0, note)
}

export async function* verifySnapshots(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, check)
  const golden = await readJson<SnapshotFile>(folder, 'expected.json')
  for (const each of golden.snapshots) yield* part(check, each.file, snapshotCases(folder, each))
  yield* part(check, 'bits', arrayCases(folder, golden.snapshots))
  for (const { file, why } of golden.malformed ?? []) {
    const name = `malformed ${file} (${why})`
    yield* part(check, name, malformedCase(folder, file, name))
  }
}
