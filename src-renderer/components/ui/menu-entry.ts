import type { IconName } from './icons'

/** An action of a menu, or a line between two groups of them. */
export type MenuEntry =
  | 'line'
  | {
      readonly label: string
      readonly run: () => void
      readonly icon?: IconName
      readonly keys?: string | undefined
      readonly disabled?: boolean
      readonly danger?: boolean
    }
