// SVG and HTML as strings. Every text goes through `escaped`; nothing else here lets a name or a path become markup.
import { shownText } from '../contract/shown-text'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Control characters stand there as escapes; the two that XML forbids beside them are dropped. */
export const escaped = (text: string): string =>
  shownText(text)
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"']/g, c => entities[c] ?? c)

/** Markup that is finished: only functions of this room make it. */
export interface Markup {
  readonly markup: string
}
export type Child = Markup | string | number | readonly Child[] | null | undefined | false

function rendered(child: Child): string {
  if (child === null || child === undefined || child === false) return ''
  if (typeof child === 'string') return escaped(child)
  if (typeof child === 'number') return escaped(String(child))
  if ('markup' in child) return child.markup
  return child.map(rendered).join('')
}

type Attributes = Readonly<Record<string, string | number | undefined | false>>
const empty = new Set(['meta', 'line', 'rect', 'path', 'circle', 'polygon', 'polyline', 'br'])

/** An element; text children are escaped, undefined and false attributes left out. */
export function el(name: string, attributes: Attributes = {}, ...children: Child[]): Markup {
  const words = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(
      ([key, value]) =>
        ` ${key}="${escaped(typeof value === 'number' ? tidy(value) : String(value))}"`,
    )
    .join('')
  const inner = children.map(rendered).join('')
  if (inner === '' && empty.has(name)) return { markup: `<${name}${words}/>` }
  return { markup: `<${name}${words}>${inner}</${name}>` }
}

/** Style sheets cannot be escaped; they are constants of this program. */
export const style = (css: string): Markup => ({ markup: `<style>${css}</style>` })

/** Coordinates to a tenth of a pixel. */
export const tidy = (x: number): string => String(Math.round(x * 10) / 10)
