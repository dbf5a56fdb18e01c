// The batches of a test: each token of the held-out data once a pass, then again from the beginning.

import { fillTestLanes, type HeldExample, placeStarts, type StreamExample } from './lanes'
import { rng } from './rng'
import type { StreamItem } from './source'
import { examplesOfPass, type StreamSource, startRule } from './stream'

/** Endless; its cursors count the pass, but nothing can be resumed from them. Faults: as batchesFrom. */
export async function* testBatches(source: StreamSource): AsyncGenerator<StreamItem> {
  let batches = 0
  for (let epoch = 0; ; epoch++) {
    for await (const item of onePass(source, epoch)) {
      batches += 1
      yield { ...item, cursor: { ...item.cursor, batches } }
    }
  }
}

async function* onePass(source: StreamSource, epoch: number): AsyncGenerator<StreamItem> {
  const { pipeline, spec, packing } = source
  const { lanes, accumulation, length } = spec.training
  // the same starts in every pass
  const random = rng(source.startSeed, 'test start')
  const rule = startRule(source, random)
  const examples = examplesOfPass(source, epoch, 0)
  let taken = 0
  const next = async (): Promise<StreamExample | undefined> => {
    const { value } = await examples.next()
    if (value) taken = value.position + 1
    return value ?? undefined
  }
  let held: readonly (HeldExample | undefined)[] = new Array(lanes / accumulation).fill(undefined)
  try {
    for (;;) {
      const filled = await fillTestLanes(held, length, pipeline.lanes, next)
      if (filled.lanes.length === 0) return
      held = filled.held
      const placed = placeStarts(filled, rule)
      const { batch, laneOf } = pipeline.pack(placed, { ...packing, needsContext: !spec.original })
      const documentOf = laneOf.map(lane => placed[lane]?.document ?? 0)
      const cursor = {
        version: 1,
        batches: 0,
        epoch,
        taken,
        random: random.state(),
        lanes: [],
      } as const
      yield { batch, documentOf, cursor }
    }
  } finally {
    await examples.return(undefined)
  }
}
