// How the trainer of a run is opened: for its training, and for tests of its checkpoints.
import type { Runtime } from '../session/runtime'
import type { TrainerOptions } from './engine'
import type { MemoryTrade } from './memory'
import type { RunInputs } from './prepare'

export const trainerOptions = (
  { spec, model, shape }: RunInputs,
  runtime: Runtime,
  { prepack, recompute, merged }: Partial<MemoryTrade> = {},
): TrainerOptions => ({
  ...(prepack !== undefined && { prepack }),
  ...(recompute !== undefined && { recompute }),
  ...(merged !== undefined && { merged }),
  runtime,
  model,
  shape,
  optimizer: spec.optimizer,
  mode: spec.original ? 'original' : 'weighted',
  precision: spec.precision,
  laneLength: spec.training.length,
})
