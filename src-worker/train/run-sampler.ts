// The model of a run with its trained prompt, opened for writing and scoring.

import type { Snapshot } from '../contract/snapshot'
import { conditionCount } from '../prompt/rows'
import { placedLane } from '../sample/place-slots'
import type { Sequence } from '../sample/prefill'
import { openSampler, type Sampler } from '../sample/prompted'
import type { Runtime } from '../session/runtime'
import type { EvaluationPrompt } from '../stream/source'
import { type Job, streamOptions } from './job'
import type { LoopState } from './loop'
import { metadataOf } from './prepare'

export interface RunSampler {
  readonly sampler: Sampler
  /** undefined: the run has no soft prompt */
  readonly snapshot: Snapshot | undefined
  /** token put first in every prompted lane (the start-token baseline) */
  readonly prefixToken: number | undefined
  /** a prompt as the run sees it, and as the bare model does */
  lanes(prompt: EvaluationPrompt): Promise<{ readonly prompted: Sequence; readonly bare: Sequence }>
  close(): Promise<void>
}

export async function openRunSampler(
  job: Job,
  runtime: Runtime,
  last: LoopState,
): Promise<RunSampler> {
  const { model, tokenizer, shape, spec } = job.prepared
  const sampler = await openSampler({ runtime, folder: model, tokenizer })
  const metadata = metadataOf(job.prepared, '', last.state.step)
  const snapshot = shape.tokens > 0 ? { metadata, parameters: last.state.parameters } : undefined
  const { prefixToken } = streamOptions(job)
  return {
    sampler,
    snapshot,
    prefixToken,
    lanes: async prompt => {
      const { tokenIds, start, conditions, id } = prompt
      const bare = placedLane({ ids: tokenIds, start: 0, tokens: 0 }, undefined, id)
      if (snapshot === undefined) {
        const needed = prefixToken !== undefined && tokenIds[0] !== prefixToken
        const ids = needed ? [prefixToken, ...tokenIds] : tokenIds
        return { bare, prompted: placedLane({ ids, start: 0, tokens: 0 }, undefined, id) }
      }
      // a direct prompt is the same for every example, whatever conditions the behaviour gives
      const own = conditionCount(shape) === 0 ? [] : conditions
      const rows = await sampler.rows(snapshot, [own])
      const end = spec.results.softPromptAt === 'end' ? tokenIds.length : 0
      const placed = { ids: tokenIds, start: start ?? end, tokens: shape.tokens }
      return { bare, prompted: placedLane(placed, rows, id) }
    },
    close: () => sampler.release(),
  }
}
