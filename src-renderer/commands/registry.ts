// Every action of the window, once: the palette (Ctrl-K), the sheet (?) and the keys all come from here.
import { computed, onScopeDispose, shallowReactive, watch } from 'vue'
import type { MenuEntry } from '../components/ui/menu-entry'

export interface Command {
  readonly id: string
  readonly title: string
  readonly group: string
  /** "mod+k", "shift+?", "g h" (one after the other), "j"; mod is Ctrl, on a Mac Cmd */
  readonly keys?: string
  /** also while typing in a field */
  readonly always?: boolean
  readonly enabled?: () => boolean
  readonly run: () => void
}

const known = shallowReactive(new Map<string, Command>())

export const allCommands = computed(() => [...known.values()])
export const isEnabled = (command: Command): boolean => command.enabled?.() ?? true

/** @returns forgets them; one that took the place of another stays */
function register(commands: readonly Command[]): () => void {
  for (const command of commands) known.set(command.id, command)
  return () => {
    for (const command of commands) if (known.get(command.id) === command) known.delete(command.id)
  }
}

/** Register commands for as long as the calling component (or scope) lives. */
export const useCommands = (commands: readonly Command[]): void =>
  onScopeDispose(register(commands))

/** The entries of a menu, as they stand. */
export function useMenuCommands(group: string, entries: () => readonly MenuEntry[]): void {
  const commandOf = (entry: Exclude<MenuEntry, 'line'>): Command => ({
    ...{ id: `${group} ${entry.label}`, title: entry.label, group, run: entry.run },
    enabled: () => !entry.disabled,
  })
  let forget = register([])
  watch(
    entries,
    now => {
      forget()
      forget = register(now.flatMap(entry => (entry === 'line' ? [] : [commandOf(entry)])))
    },
    { immediate: true },
  )
  onScopeDispose(() => forget())
}

export const isMac = typeof navigator !== 'undefined' && /Mac/.test(navigator.userAgent)

/** "mod+k" → "Ctrl K" */
export const keysText = (keys: string): string =>
  keys
    .split(' ')
    .map(stroke => stroke.split('+').map(keyName).join(' '))
    .join(' then ')

const names: Readonly<Record<string, string>> = {
  mod: isMac ? '⌘' : 'Ctrl',
  shift: 'Shift',
  enter: 'Enter',
  escape: 'Esc',
  delete: 'Del',
  space: 'Space',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  home: 'Home',
  end: 'End',
}

const keyName = (key: string): string => names[key] ?? (key.length === 1 ? key.toUpperCase() : key)
