// Before a run learns from matrices in few bits: how far its first loss and gradient lie from those of the full model.
import type { MicroBatch } from '../contract/batch'
import type { WeightsDeviation } from '../contract/run'
import type { Parameters } from '../contract/snapshot'
import { deviationText } from '../shared/deviation'
import { openModelFolder } from '../weights/model-folder'
import { deviation } from './device-check'
import type { TrainerOptions } from './engine'
import { openTrainer, type Trainer } from './trainer'

/** Without a prompt there is a loss, and no gradient. */
async function computed(
  trainer: Trainer,
  parameters: Parameters,
  batch: MicroBatch,
  { tokens }: TrainerOptions['shape'],
) {
  if (tokens > 0) return trainer.gradient(parameters, batch)
  const { loss } = await trainer.evaluate(parameters, batch)
  return { loss, gradients: parameters }
}

/**
 * The full model is opened for this alone, and computed before the other: its files are mapped, and what is stored in half
 * precision is widened a matrix at a time, so that it needs no room for all of them.
 * @param trainer of the matrices in few bits
 */
export async function weightsDeviation(
  trainer: Trainer,
  options: TrainerOptions,
  parameters: Parameters,
  batch: MicroBatch,
  report: (line: string) => void,
): Promise<WeightsDeviation> {
  const model = await openModelFolder(options.model.path)
  const lean = { model: { ...model, lean: true }, prepack: false, recompute: true }
  const full = await openTrainer({ ...options, ...lean })
  const { shape } = options
  const there = await computed(full, parameters, batch, shape).finally(() => full.release())
  const here = await computed(trainer, parameters, batch, shape)
  const { gradient } = deviation(here, there)
  const found = {
    ...{ fullLoss: there.loss, loss: here.loss },
    gradient: shape.tokens > 0 && Number.isFinite(gradient) ? gradient : null,
  }
  report(`${options.model.quantised?.weights} weights on the first batch: ${deviationText(found)}`)
  return found
}
