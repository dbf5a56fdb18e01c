// What a run looks at before it learns: its first micro-batch, computed elsewhere too.
import type { MicroBatch } from '../contract/batch'
import { checkDevice } from './device-check'
import type { TrainerOptions } from './engine'
import type { Job, RunUpdate } from './job'
import type { LoopState } from './loop'
import type { RunInputs } from './prepare'
import type { Enter } from './preparing'
import { noteDeviation } from './provenance'
import { readProvenance } from './run-folder'
import { weightsDeviation } from './weights-check'

/** The gradient of a GPU against the CPU's. */
export async function* deviceCheck(
  { prepared, record, trainer }: Job,
  options: TrainerOptions,
  { state }: LoopState,
  enter: Enter,
): AsyncGenerator<RunUpdate> {
  yield await enter({ kind: 'preparing', doing: 'comparing a gradient with the CPU' })
  const batch = await firstBatch(prepared)
  await checkDevice(trainer, options, state.parameters, batch, line => record.log(line))
}

/** Once in the life of a run: how far matrices in few bits lie from the full model. */
export async function* weightsCheck(
  { folder, prepared, record, trainer }: Job,
  options: TrainerOptions,
  { state }: LoopState,
  enter: Enter,
): AsyncGenerator<RunUpdate> {
  if ((await readProvenance(folder))?.weightsDeviation) return
  yield await enter({ kind: 'preparing', doing: 'comparing the weights with the full model' })
  const batch = await firstBatch(prepared)
  const lines: string[] = []
  const found = await weightsDeviation(trainer, options, state.parameters, batch, line =>
    lines.push(line),
  )
  for (const line of lines) {
    record.log(line)
    yield { kind: 'log', line }
  }
  await noteDeviation(folder, found)
}

async function firstBatch({ data }: RunInputs): Promise<MicroBatch> {
  const stream = data.train()
  try {
    return (await stream.next()).batch
  } finally {
    await stream.close()
  }
}
