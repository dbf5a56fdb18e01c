// The field that was found to hold the text stands in the spec from then on: a later look reads the same one.
import type { RunSpec } from '../contract/run-spec'
import { writeAtomically } from '../weights/atomic'
import { runFiles } from './run-folder'

export async function keepChosenField(folder: string, spec: RunSpec, field: string): Promise<void> {
  if (spec.data.field !== '' || field === '') return
  const chosen = { ...spec, data: { ...spec.data, field } }
  await writeAtomically(runFiles(folder).spec, `${JSON.stringify(chosen, null, 2)}\n`)
}
