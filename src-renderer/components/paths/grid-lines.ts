// Routes as lines over the grid, in units of cells. Several lines of one board are set apart so
// that none hides another.
import type { Place } from '../../stores/path-board'

export interface Line {
  readonly name: string
  /** a class of GridBoard: walker, bare, own, best */
  readonly kind: 'walker' | 'bare' | 'own' | 'best'
  /** the start, then where each move led */
  readonly places: readonly Place[]
  readonly hits: readonly { readonly at: Place; readonly move: string }[]
}

const shift: Readonly<Record<Line['kind'], number>> = {
  walker: 0,
  bare: 0.13,
  own: -0.13,
  best: 0.26,
}
const offsets: Readonly<Record<string, readonly [number, number]>> = {
  N: [0, -1],
  E: [1, 0],
  S: [0, 1],
  W: [-1, 0],
}

/** Points of a polyline through the middles of the cells. */
export const pointsOf = ({ kind, places }: Line): string =>
  places.map(p => `${p.x + 0.5 + shift[kind]},${p.y + 0.5 + shift[kind]}`).join(' ')

/** Where a hit is marked: at the edge towards the wall. */
export function hitMark(kind: Line['kind'], at: Place, move: string) {
  const [dx, dy] = offsets[move] ?? [0, 0]
  return { x: at.x + 0.5 + shift[kind] + dx * 0.36, y: at.y + 0.5 + shift[kind] + dy * 0.36 }
}

/** A line from stops as the engine and the replay give them. */
export function lineOf(
  name: string,
  kind: Line['kind'],
  start: Place | null,
  stops: readonly (Place & { readonly move: string; readonly hit: boolean })[],
): Line {
  const places = start === null ? [] : [start, ...stops.map(({ x, y }) => ({ x, y }))]
  const hits = stops.filter(s => s.hit).map(({ x, y, move }) => ({ at: { x, y }, move }))
  return { name, kind, places, hits }
}
