// What we draw on the board ourselves: the last move, legal targets, and arrows whose strength is a
// probability.
import type { BoardView, Chessboard } from 'cm-chessboard/src/Chessboard.js'
import { Svg } from 'cm-chessboard/src/lib/Svg.js'
import { EXTENSION_POINT, Extension } from 'cm-chessboard/src/model/Extension.js'

export interface Arrow {
  readonly from: string
  readonly to: string
  /** 0…1 */
  readonly share: number
}
export interface Drawing {
  readonly last: readonly string[]
  readonly targets: readonly string[]
  readonly arrows: readonly Arrow[]
}

/** Arrows end this many squares before the middle of their target. */
const gap = 0.22
const head = { length: 0.36, half: 0.2 }

const middle = (view: BoardView, square: string) => {
  const { x, y } = view.squareToPoint(square)
  return { x: x + view.squareWidth / 2, y: y + view.squareHeight / 2 }
}

function drawArrow(view: BoardView, group: Element, { from, to, share }: Arrow): void {
  const [a, b] = [middle(view, from), middle(view, to)]
  const length = Math.hypot(b.x - a.x, b.y - a.y)
  if (length === 0) return
  const size = view.squareWidth
  const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length]
  const tip = { x: b.x - ux * gap * size, y: b.y - uy * gap * size }
  const neck = { x: tip.x - ux * head.length * size, y: tip.y - uy * head.length * size }
  const side = { x: -uy * head.half * size, y: ux * head.half * size }
  const arrow = Svg.addElement(group, 'g', { class: 'arrow', opacity: 0.35 + 0.6 * share })
  Svg.addElement(arrow, 'line', {
    ...{ x1: a.x, y1: a.y, x2: neck.x, y2: neck.y },
    'stroke-width': size * (0.07 + 0.13 * share),
  })
  const points = [
    tip,
    { x: neck.x + side.x, y: neck.y + side.y },
    { x: neck.x - side.x, y: neck.y - side.y },
  ]
  Svg.addElement(arrow, 'polygon', { points: points.map(p => `${p.x},${p.y}`).join(' ') })
}

function drawSquare(view: BoardView, group: Element, square: string, name: string): void {
  const { x, y } = view.squareToPoint(square)
  const size = { width: view.squareWidth, height: view.squareHeight }
  Svg.addElement(group, 'rect', { x, y, ...size, class: name })
}

/**
 * Keeps a drawing on the board over resizes and turns; answers with the function that changes it.
 */
export function overlayOf(board: Chessboard): (drawing: Drawing) => void {
  const under = Svg.addElement(board.view.markersLayer, 'g', { class: 'under' })
  const over = Svg.addElement(board.view.markersTopLayer, 'g', { class: 'over' })
  let drawing: Drawing = { last: [], targets: [], arrows: [] }
  const draw = () => {
    under.replaceChildren()
    over.replaceChildren()
    for (const square of drawing.last) drawSquare(board.view, under, square, 'last')
    for (const square of drawing.targets) {
      const { x, y } = middle(board.view, square)
      Svg.addElement(over, 'circle', {
        cx: x,
        cy: y,
        r: board.view.squareWidth / 7,
        class: 'target',
      })
    }
    // the strongest is drawn last, on top
    for (const arrow of [...drawing.arrows].reverse()) drawArrow(board.view, over, arrow)
  }
  new Extension(board).registerExtensionPoint(EXTENSION_POINT.afterRedrawBoard, draw)
  return next => {
    drawing = next
    draw()
  }
}
