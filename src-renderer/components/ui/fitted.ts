// How much of a name there is room for.
import { shortened } from '../../../src-worker/shared/names'

/**
 * The name as long as it fits, else shortened in its middle as little as the room takes.
 * @param width of the room, pixels @param widthOf of a text, pixels
 */
export function fitted(name: string, width: number, widthOf: (text: string) => number): string {
  // a room made for the whole name has its width, but for the rounding
  if (widthOf(name) <= width + 1) return name
  let [fits, tooMany] = [4, name.length]
  while (tooMany - fits > 1) {
    const most = (fits + tooMany) >> 1
    if (widthOf(shortened(name, most)) <= width - 1) fits = most
    else tooMany = most
  }
  return shortened(name, fits)
}

let ruler: CanvasRenderingContext2D | null = null

/** @returns what measures texts in the type of an element */
export function widthsIn(element: Element): (text: string) => number {
  ruler ??= document.createElement('canvas').getContext('2d')
  const context = ruler
  // not the shorthand: it is empty where numbers are of one width
  const { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing } = getComputedStyle(element)
  const font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`
  const space = Number.parseFloat(letterSpacing) || 0
  return text => {
    if (context === null) return 0
    context.font = font
    return context.measureText(text).width + space * text.length
  }
}
