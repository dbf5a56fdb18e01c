// Colours and marks of the figures: seven series colours readable on both grounds, and a mark for each, so that a figure
// printed grey still shows which series is which.
import { el, type Markup, style } from './markup'

const light =
  '--ground:#fff;--ink:#1a202c;--soft:#5a6472;--grid:#dfe4ea;--heat:#1d5fd6;' +
  '--c1:#0b6fb8;--c2:#a65e00;--c3:#00795a;--c4:#8e3f9e;--c5:#b3261e;--c6:#4d5866;--c7:#4b6b00'
const dark =
  '--ground:#14181f;--ink:#e8ecf2;--soft:#a3adba;--grid:#2c3440;--heat:#6ea2ff;' +
  '--c1:#6cb6ff;--c2:#f0a75a;--c3:#55d1a8;--c4:#d9a0e6;--c5:#ff9a8f;--c6:#b4bfcc;--c7:#b5d95f'

const colours = [1, 2, 3, 4, 5, 6, 7]
  .map(
    i =>
      `.spw-figure .s${i}{stroke:var(--c${i});color:var(--c${i})}.spw-figure .b${i}{fill:var(--c${i})}`,
  )
  .join('')

/** Rules of every figure; a page that holds several needs them once. */
export const figureCss =
  `.spw-figure{${light};font:12px system-ui,"Segoe UI",Roboto,sans-serif;background:var(--ground)}` +
  `@media screen and (prefers-color-scheme:dark){.spw-figure{${dark}}}` +
  '.spw-figure text{fill:var(--ink)}.spw-figure .soft{fill:var(--soft)}' +
  '.spw-figure .title{font-weight:600;font-size:13px}' +
  '.spw-figure .grid{stroke:var(--grid)}.spw-figure .axis{stroke:var(--soft)}' +
  '.spw-figure .series{fill:none;stroke-width:2}.spw-figure .dashed{stroke-dasharray:6 4}' +
  '.spw-figure .band{fill-opacity:.14;stroke:none}.spw-figure .bar{stroke-width:1.2}' +
  '.spw-figure .thin{stroke-width:1;stroke-dasharray:2 3;fill:none}' +
  '.spw-figure .mark{fill:currentColor;stroke-width:1.8}.spw-figure .hollow{fill:var(--ground)}' +
  '.spw-figure .seed{fill:currentColor;fill-opacity:.45;stroke:none}' +
  '.spw-figure .ground{fill:var(--ground)}.spw-figure .heat{fill:var(--heat)}' +
  '.spw-figure .threshold{stroke:var(--ink);stroke-dasharray:5 4}' +
  colours

export interface FigureSize {
  readonly width: number
  readonly height: number
}

/**
 * The frame of a figure.
 * @param standalone a file of its own: carries its style and ground
 */
export function figure(
  size: FigureSize,
  words: { readonly title: string; readonly description: string },
  standalone: boolean,
  ...content: Markup[]
): string {
  const { width, height } = size
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'spw-figure',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
    },
    el('title', {}, words.title),
    el('desc', {}, words.description),
    standalone && style(figureCss),
    standalone && el('rect', { class: 'ground', width, height }),
    content,
  ).markup
}

type Mark = (x: number, y: number, r: number) => readonly [string, Record<string, string | number>]
const points = (list: readonly (readonly [number, number])[]): string =>
  list.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')

const marks: readonly Mark[] = [
  (x, y, r) => ['circle', { cx: x, cy: y, r }],
  (x, y, r) => ['rect', { x: x - r, y: y - r, width: 2 * r, height: 2 * r }],
  (x, y, r) => [
    'polygon',
    {
      points: points([
        [x, y - r],
        [x + r, y + r],
        [x - r, y + r],
      ]),
    },
  ],
  (x, y, r) => [
    'polygon',
    {
      points: points([
        [x, y - r],
        [x + r, y],
        [x, y + r],
        [x - r, y],
      ]),
    },
  ],
  (x, y, r) => [
    'polygon',
    {
      points: points([
        [x, y + r],
        [x + r, y - r],
        [x - r, y - r],
      ]),
    },
  ],
]

/** The mark of series i (from 0) at a place; hollow when the point has a warning. */
export function mark(series: number, x: number, y: number, hollow: boolean, r = 4): Markup {
  const [name, attributes] = (marks[series % marks.length] ?? marks[0])?.(x, y, r) ?? ['g', {}]
  return el(name, { ...attributes, class: `mark ${hollow ? 'hollow ' : ''}${seriesClass(series)}` })
}

export const seriesClass = (series: number): string => `s${(series % 7) + 1}`
export const fillClass = (series: number): string => `b${(series % 7) + 1}`
