// Frozen sweeps (pre-registration): SPW_HOME/frozen/<hash>.json. Which frozen sweep a run belongs to is in its label.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FrozenSweep, frozenSweepSchema } from '../contract/frozen-sweep'
import { homePaths } from '../train/home'
import { writeAtomically } from '../weights/atomic'

export async function saveFrozen(home: string, frozen: FrozenSweep): Promise<string> {
  const path = join(homePaths(home).frozen, `${frozen.hash}.json`)
  await writeAtomically(path, `${JSON.stringify(frozen, null, 2)}\n`)
  return path
}

export async function readFrozen(path: string): Promise<FrozenSweep | undefined> {
  try {
    return frozenSweepSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}
