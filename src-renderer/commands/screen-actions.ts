// What can be pressed on the screen in sight, as commands: the palette offers every action without a list beside the screen.
import type { Command } from './registry'

const pressable = '.button:not([aria-haspopup]), [role=tab]'
/** Rows have the same buttons each; the palette finds their things by name. */
const repeated = 'table, [role=grid], li, [role=menu]'

function nameOf(element: HTMLElement): string {
  const name = element.getAttribute('aria-label') ?? element.textContent ?? ''
  return name.trim().replaceAll(/\s+/g, ' ')
}

/** By their names, the first of each; what is disabled, hidden or in rows is left out. */
export function screenActions(
  screen: HTMLElement,
  group: string,
  taken: ReadonlySet<string>,
): readonly Command[] {
  const found = new Map<string, HTMLElement>()
  for (const element of screen.querySelectorAll<HTMLElement>(pressable)) {
    const isThere = !element.matches(':disabled') && element.getClientRects().length > 0
    const name = nameOf(element)
    if (isThere && name !== '' && !element.closest(repeated) && !found.has(name))
      found.set(name, element)
  }
  return [...found]
    .filter(([name]) => !taken.has(plain(name)))
    .map(([name, element]) => ({
      ...{ id: `screen ${name}`, title: name, group },
      run: () => press(element),
    }))
}

/** "Report…" and "report" are one action. */
export const plain = (title: string): string => title.replace(/…$/, '').toLowerCase()

/** A tab is taken on the mouse's way down, or with the focus. */
function press(element: HTMLElement): void {
  element.focus()
  element.click()
}
