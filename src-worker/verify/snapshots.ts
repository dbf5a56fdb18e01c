// reference/snapshots: every .pt file of the original bit for bit, every malformed one refused.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../contract/fault'
import type { Parameter, Snapshot } from '../contract/snapshot'
import { toStateDict } from '../prompt/state-dict'
import { readSafetensorsHeader, readTensor } from '../weights/safetensors'
import { openSnapshot } from '../weights/snapshot-file'
import { compared, exact, type VerifyCase, type VerifyContext } from './case'

interface Golden {
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
  readonly malformed: readonly { readonly file: string; readonly why: string }[]
}

const check = 'snapshots'

const bytesOf = ({ data }: Parameter): Buffer =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength)

function* metadataCases(
  file: string,
  golden: Golden['snapshots'][number]['metadata'],
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

export async function* verifySnapshots(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, 'snapshots')
  const golden = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as Golden
  const { tensors } = await readSafetensorsHeader(join(folder, 'expected_arrays.safetensors'))
  for (const { file, metadata, state } of golden.snapshots) {
    const snapshot = await openSnapshot(join(folder, file))
    yield* metadataCases(file, metadata, snapshot)
    const own = toStateDict(snapshot.metadata.shape, snapshot.parameters)
    const names = state.map(each => each.name)
    yield exact(check, `${file} names`, [...own.keys()].sort(), [...names].sort())
    for (const { name, shape, sha256 } of state) {
      const parameter = own.get(name) ?? { shape: [], data: new Float32Array(0) }
      const hash = createHash('sha256').update(bytesOf(parameter)).digest('hex')
      yield exact(check, `${file} ${name}`, [...parameter.shape, hash], [...shape, sha256])
      const entry = tensors.get(`${file}:${name}`)
      if (entry === undefined) continue
      const expected = { shape, data: await readTensor(entry) }
      const same = bytesOf(parameter).equals(bytesOf(expected))
      yield compared(check, `${file} ${name} bits`, same ? 0 : 1, 0)
    }
  }
  for (const { file, why } of golden.malformed) {
    const { ok, note } = await refusal(join(folder, 'malformed', file))
    yield compared(check, `malformed ${file} (${why})`, ok ? 0 : 1, 0, note)
  }
}
