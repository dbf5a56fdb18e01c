// The control of an answer: the same pairs with their completions shuffled among prompts, to be tested on the true ones. What
// training on them reaches, the prompt itself taught.
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { behaviourOf } from '../behaviours/registry'
import { Fault } from '../contract/fault'
import type { DataSpec, RunSpec } from '../contract/run-spec'
import { bundledPath } from '../stream/local-data'
import { rng } from '../stream/rng'
import { homePaths, type Places } from '../train/home'
import { writeAtomically } from '../weights/atomic'

export const controlsFolder = (home: string): string => join(homePaths(home).datasets, 'controls')

/** Every completion stands behind another prompt: one cycle through all (Sattolo 1986). */
export function shuffledCompletions(
  records: readonly Readonly<Record<string, unknown>>[],
  field: string,
): Record<string, unknown>[] {
  const random = rng(0, 'control')
  const order = records.map((_, i) => i)
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i)
    const [a, b] = [order[i] ?? i, order[j] ?? j]
    order[i] = b
    order[j] = a
  }
  return records.map((record, i) => ({ ...record, [field]: records[order[i] ?? i]?.[field] }))
}

/**
 * A file of shuffled pairs, tested on the true ones.
 * Faults: bad-file, when the data are no JSON lines with a completion each.
 */
export async function shuffledData(
  { data, experiment }: RunSpec,
  { home, resources }: Places,
): Promise<DataSpec> {
  const { demoData, completionField } = behaviourOf(experiment.kind)
  const path = bundledPath(data.path, demoData, resources) ?? resolve(data.path)
  const field = completionField?.(experiment) ?? ''
  const lines = (await readFile(path, 'utf8')).split('\n').filter(line => line.trim() !== '')
  const records = lines.map(line => JSON.parse(line) as Record<string, unknown>)
  if (field === '' || records.length < 2 || records.some(r => typeof r[field] !== 'string'))
    throw new Fault(
      'bad-file',
      `${path} has no field "${field}" in each of its ${records.length} lines to shuffle for the control`,
      'Give JSON lines with a prompt and a completion each.',
    )
  const text = `${shuffledCompletions(records, field)
    .map(r => JSON.stringify(r))
    .join('\n')}\n`
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.jsonl`
  const folder = controlsFolder(home)
  await mkdir(folder, { recursive: true })
  await writeAtomically(join(folder, name), text)
  const testPath = data.testPath === '' ? path : data.testPath
  return { ...data, path: join(folder, name), testPath }
}
