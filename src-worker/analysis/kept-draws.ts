// Draws and what is sorted of them, made once: another unit, threshold, axis or run beside them changes neither. Draws are
// found by all that they are made of, whatever asks for them; what is read from them lives as long as they do.
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { keptByTwo } from '../shared/kept'
import { curveDraws, type PointDraws } from './draws'
import { middle95 } from './numbers'
import type { SampledPoint } from './seed-noise'

type Draws = ReturnType<typeof curveDraws>

const bytesOf = ({ values }: PointDraws): number => values.byteLength
const known = new LRUCache<string, Draws>({
  maxSize: 128 * 2 ** 20,
  sizeCalculation: points => 1 + points.reduce((sum, of) => sum + (of ? bytesOf(of) : 0), 0),
})

/** As curveDraws. What it answers with is shared: nothing may write into it. */
export function keptDraws(points: readonly SampledPoint[], draws: number, label: string): Draws {
  const all = JSON.stringify([label, draws, points])
  const key = createHash('sha256').update(all).digest('base64')
  const found = known.get(key) ?? curveDraws(points, draws, label)
  known.set(key, found)
  return found
}

type Ends = readonly [number, number]

const endsOfOne = keptByTwo<Float64Array, 'middle', Ends>()
const endsOfTwo = keptByTwo<Float64Array, Float64Array | number, Ends>()

/** The middle 95 % of draws in any order. */
export const ends95 = (draws: Float64Array): Ends =>
  endsOfOne(draws, 'middle', () => middle95(draws.slice().sort()))

/** The middle 95 % of from − to, draw by draw. @param from [draws], or one number that has no noise */
export const fall95 = (from: Float64Array | number, to: Float64Array): Ends =>
  endsOfTwo(to, from, () => {
    const at = (r: number): number => (typeof from === 'number' ? from : (from[r] ?? Number.NaN))
    return middle95(to.map((x, r) => at(r) - x).sort())
  })
