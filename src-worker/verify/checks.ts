// All checks by name, and where a reference and what it names is looked for.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { verifyBatches } from './batches'
import { part, type Verify, type VerifyCase, type VerifyContext } from './case'
import { verifyChess } from './chess'
import { verifyFamilies } from './families'
import { verifyGeneration } from './generation'
import { verifyGradients } from './gradients'
import { verifyPathfinding } from './pathfinding'
import { verifyPrecisions } from './precisions'
import { verifySampling } from './sampling'
import { verifySnapshots } from './snapshots'
import { verifySoftPrompts } from './soft-prompts'
import { verifyTensorboard } from './tensorboard'
import { verifyTokenization } from './tokenization'
import { verifyTrajectories } from './trajectories'

export const checks: Readonly<Record<string, Verify>> = {
  tokenization: verifyTokenization,
  gradients: verifyGradients,
  precisions: verifyPrecisions,
  'soft-prompts': verifySoftPrompts,
  trajectories: verifyTrajectories,
  batches: verifyBatches,
  sampling: verifySampling,
  generation: verifyGeneration,
  snapshots: verifySnapshots,
  families: verifyFamilies,
  chess: verifyChess,
  pathfinding: verifyPathfinding,
  tensorboard: verifyTensorboard,
}

/** The cases of one check. What is absent is skipped, what cannot be computed has failed; neither ends the others. */
export const casesOf = (name: string, context: VerifyContext): AsyncGenerator<VerifyCase, void> =>
  part(name, 'all', checks[name]!(context))

/** The whole reference in a source checkout, else the small part that comes with the app. */
export function ownReference(resources: string): string {
  const whole = resolve(resources, '..', 'tests', 'reference')
  return existsSync(whole) ? whole : join(resources, 'reference')
}

/** Folders of what a reference names: in it, beside it, and what comes with the app. */
export const placesOf = (
  reference: string,
  kind: 'models' | 'data',
  resources: string,
): string[] => [join(reference, kind), resolve(reference, '..', kind), join(resources, kind)]
