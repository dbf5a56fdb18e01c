// Steps of training that finding the answer takes, against a fixed grid (0, 1, 4, 16, 64 tokens × 3 seeds), on synthetic
// curves of known truth: node tests/setup/run.mjs bench/answer.ts [draws of the noise]
// The grid is given the best way of training for nothing; finding the answer pays for its pilot, and for a control that a
// grid has not. Both brackets come from the same analysis. Compared are steps for a bracket that is no wider than the grid's.
import { evidenceOf } from '../src-worker/answer/evidence'
import type { Range, Trial } from '../src-worker/answer/question'
import { fresh } from '../tests/answer/fresh-worlds'
import {
  carriedOut,
  elicitable,
  type Found,
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

interface Played {
  readonly world: World
  readonly grid: Range | null
  readonly found: Found
  readonly share: number
}

/** The same curve with other noise: what one draw of it does may be luck. */
const again = (world: World, k: number): World =>
  k === 0 ? world : { ...world, name: `${world.name} ${k}` }

function played(world: World): Played {
  const grid = gridOf(world)
  const found = find(world, questionOf(world, { within: Math.max(1.01, widthOf(grid.range)) }))
  return { world, grid: grid.range, found, share: found.spent / grid.spent }
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
const isWider = (a: Range | null, b: Range | null): boolean => widthOf(a) > widthOf(b)

const times = Number(process.argv[2] ?? 20)

/** Prints how the search does on one curve. @returns the median of its shares of the grid's steps */
function usualOf(world: World): number {
  const all = Array.from({ length: times }, (_, k) => played(again(world, k)))
  const [first] = all
  // what noise leaves open is no bracket of the same width
  const as = all.filter(({ grid, found }) => !isWider(found.range, grid))
  const shares = as.map(({ share }) => share).sort((a, b) => a - b)
  const usual = shares[shares.length >> 1] ?? Number.NaN
  const narrower = all.filter(({ grid, found }) => isWider(grid, found.range)).length
  const isHeld = ({ range }: Found): boolean =>
    range === null || (range.low < trueTokens(world) && range.high >= trueTokens(world))
  const held = all.filter(({ found }) => isHeld(found)).length
  console.log(
    `${world.name.padEnd(13)} true ${String(trueTokens(world)).padStart(3)} · grid: ${words(first?.grid ?? null)} · ` +
      `found: ${words(first?.found.range ?? null)} (${first?.found.ended.because}), ${percent(first?.share ?? Number.NaN)} · of ${times}: ` +
      `as narrow as the grid's in ${as.length}, with ${percent(usual)} of its steps (${percent(shares[0] ?? Number.NaN)} to ${percent(shares.at(-1) ?? Number.NaN)}); narrower in ${narrower}; the truth held in ${held}`,
  )
  return usual
}

interface Summary {
  readonly mean: number
  readonly highest: number
}

function summary(name: string, worlds: readonly World[]): Summary {
  const usuals = worlds.map(usualOf)
  const mean = usuals.reduce((a, b) => a + b, 0) / usuals.length
  const highest = Math.max(...usuals)
  console.log(
    `${name}: for a bracket as narrow as the grid's ${percent(mean)} of its steps: the mean of the curves' medians, of which the highest is ${percent(highest)}; the control not counted\n`,
  )
  return { mean, highest }
}

const seen = summary('curves that were seen', [...elicitable, ...outside])
const unseen = summary('curves of other shapes', fresh)
// of each curve that was seen; of the others in the mean, for noise decides on some, where the grid tells no more with all its runs
process.exitCode = seen.highest <= 0.5 && unseen.mean <= 0.5 ? 0 : 1
