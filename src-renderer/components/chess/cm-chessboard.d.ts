// The parts of cm-chessboard 8.15 that we use; it brings no types of its own.
declare module 'cm-chessboard/src/Chessboard.js' {
  export interface MoveInputEvent {
    readonly type:
      | 'moveInputStarted'
      | 'movingOverSquare'
      | 'validateMoveInput'
      | 'moveInputCanceled'
      | 'moveInputFinished'
    readonly squareFrom: string
    readonly squareTo: string
  }
  export interface BoardView {
    readonly svg: SVGSVGElement
    readonly markersLayer: SVGGElement
    readonly markersTopLayer: SVGGElement
    readonly squareWidth: number
    readonly squareHeight: number
    squareToPoint(square: string): { readonly x: number; readonly y: number }
  }
  export class Chessboard {
    constructor(context: HTMLElement, props: Readonly<Record<string, unknown>>)
    readonly view: BoardView
    setPosition(fen: string, animated?: boolean): Promise<void>
    setOrientation(colour: 'w' | 'b', animated?: boolean): Promise<void>
    getOrientation(): 'w' | 'b'
    enableMoveInput(handler: (event: MoveInputEvent) => boolean, colour: 'w' | 'b'): void
    disableMoveInput(): void
    isMoveInputEnabled(): boolean
    /** added by the promotion dialog extension */
    showPromotionDialog(
      square: string,
      colour: 'w' | 'b',
      callback: (result: { readonly type: string; readonly piece?: string }) => void,
    ): void
    destroy(): void
  }
}
declare module 'cm-chessboard/src/model/Extension.js' {
  import type { Chessboard } from 'cm-chessboard/src/Chessboard.js'
  export const EXTENSION_POINT: { readonly afterRedrawBoard: string; readonly destroy: string }
  export class Extension {
    constructor(board: Chessboard)
    registerExtensionPoint(name: string, callback: () => void): void
  }
}
declare module 'cm-chessboard/src/lib/Svg.js' {
  type Attributes = Record<string, string | number>
  export const Svg: {
    createSvg(container?: HTMLElement): SVGSVGElement
    addElement(parent: Element, name: string, attributes?: Attributes): SVGElement
  }
}
declare module 'cm-chessboard/src/extensions/accessibility/Accessibility.js' {
  export class Accessibility {}
}
declare module 'cm-chessboard/src/extensions/promotion-dialog/PromotionDialog.js' {
  export class PromotionDialog {}
}
