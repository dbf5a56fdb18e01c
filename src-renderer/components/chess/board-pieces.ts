// Puts our own pieces where cm-chessboard looks for its sprite, so that it fetches nothing, and
// makes its drawing fit a
// content security policy without inline styles: attributes named `style` are set through the CSS
// object model.
import { Svg } from 'cm-chessboard/src/lib/Svg.js'
import sprite from '../../../resources/pieces/pieces.svg?raw'

/** The element that cm-chessboard would fill by itself if it were not there. */
const holderId = 'cm-chessboard-sprite'

export function installPieces(): void {
  if (document.getElementById(holderId)) return
  const holder = document.createElement('div')
  holder.id = holderId
  holder.className = 'chess-sprite'
  holder.setAttribute('aria-hidden', 'true')
  const drawing = new DOMParser().parseFromString(sprite, 'image/svg+xml').documentElement
  holder.append(document.importNode(drawing, true))
  document.body.append(holder)
}

let tamed = false

/**
 * Once: cm-chessboard writes font sizes and the place of the dragged piece as style attributes,
 * which the policy drops.
 */
export function tameStyles(): void {
  if (tamed) return
  tamed = true
  const { createSvg, addElement } = Svg
  Svg.createSvg = container => {
    const svg = createSvg(container)
    const setAttribute = svg.setAttribute.bind(svg)
    svg.setAttribute = (name, value) => {
      if (name === 'style') svg.style.cssText = value
      else setAttribute(name, value)
    }
    return svg
  }
  Svg.addElement = (parent, name, attributes = {}) => {
    const { style, ...others } = attributes
    const element = addElement(parent, name, others)
    if (style !== undefined) element.style.cssText = String(style)
    return element
  }
}
