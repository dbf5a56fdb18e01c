// Steps of training that finding the answer takes, against a fixed grid (0, 1, 4, 16, 64 tokens × 3 seeds), on synthetic
// curves of known truth: node tests/setup/run.mjs bench/answer.ts
// The grid is given the best way of training for nothing; finding the answer pays for its pilot, and for a control that a
// grid has not. Both brackets come from the same analysis. Compared are steps for a bracket that is no wider than the grid's.
import { evidenceOf } from '../src-worker/answer/evidence'
import type { Range, Trial } from '../src-worker/answer/question'
import {
  carriedOut,
  elicitable,
  find,
  outside,
  questionOf,
  steps,
  trueTokens,
  type World,
} from '../tests/answer/worlds'

const lengths = [1, 4, 16, 64]
const seeds = [1, 2, 3]

/** What the analysis makes of the whole grid. */
function gridOf(world: World): { readonly range: Range | null; readonly spent: number } {
  const best = { rate: world.bestRate ?? 0.01, init: 'vocabulary' }
  const question = questionOf(world, { arms: [best] })
  const trials: Trial[] = lengths.flatMap(tokens =>
    seeds.map(seed =>
      carriedOut(world, {
        kind: 'run',
        trial: { kind: 'trained', tokens, arm: best, seed },
        ...{ steps, isMeasured: true, reason: '' },
      }),
    ),
  )
  const { range } = evidenceOf(question, trials)
  return { range, spent: lengths.length * seeds.length * steps }
}

/** high / low; what begins below 1 token counts from 1. */
const widthOf = (range: Range | null): number =>
  range === null ? Number.POSITIVE_INFINITY : range.high / Math.max(1, range.low)
const words = (range: Range | null): string =>
  range === null ? 'open' : `more than ${range.low}, at most ${range.high}`

let worst = 0
let wider = 0
for (const world of [...elicitable, ...outside]) {
  const grid = gridOf(world)
  const found = find(world, questionOf(world, { within: Math.max(1.01, widthOf(grid.range)) }))
  const share = found.spent / grid.spent
  // what noise leaves open is no bracket of the same width
  if (widthOf(found.range) > widthOf(grid.range)) wider++
  else worst = Math.max(worst, share)
  console.log(
    `${world.name.padEnd(12)} true ${String(trueTokens(world)).padStart(3)} · grid: ${words(grid.range)}, ${grid.spent} steps · ` +
      `found: ${words(found.range)} (${found.ended.because}), ${found.spent} steps and ${found.controls} of a control, ${(100 * share).toFixed(0)} %`,
  )
}
console.log(
  `for a bracket as narrow as the grid's at most ${(100 * worst).toFixed(0)} % of its steps, the control not counted; wider: ${wider} of ${elicitable.length + outside.length}`,
)
process.exitCode = worst <= 0.5 ? 0 : 1
