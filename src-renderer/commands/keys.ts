// Turns key presses into commands. Two-stroke keys ("g r") must follow each other within a second.
import { allCommands, type Command, isEnabled, isMac } from './registry'

const patience = 1000
let first: { readonly stroke: string; readonly at: number } | undefined

const spelled: Readonly<Record<string, string>> = {
  ...{ ' ': 'space', arrowup: 'up', arrowdown: 'down' },
  ...{ arrowleft: 'left', arrowright: 'right' },
}

/** The press as commands spell it. A shifted sign is its own key: "?" not "shift+/". */
export function strokeOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase()
  const name = spelled[key] ?? key
  const mod = isMac ? event.metaKey : event.ctrlKey
  const isLetter = /^[a-z]$/.test(key) || key.length > 1
  const parts = [mod && 'mod', event.altKey && 'alt', event.shiftKey && isLetter && 'shift', name]
  return parts.filter(Boolean).join('+')
}

const typesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement &&
      !['checkbox', 'radio', 'button', 'range'].includes(target.type)))

/** What moves by arrow keys itself. */
const steps = new Set(['up', 'down', 'left', 'right', 'home', 'end'])
const stepsItself = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest(
    'input,[role=radiogroup],[role=group],[role=tablist],[role=slider],[role=application],[role=grid],[role=toolbar]',
  ) !== null

const inDialog = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[role=dialog],[role=menu]') !== null

/** For window's keydown. */
export function pressKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return
  const stroke = strokeOf(event)
  const pair = first && event.timeStamp - first.at < patience ? `${first.stroke} ${stroke}` : ''
  const isTaken = steps.has(stroke) && stepsItself(event.target)
  const free = !typesText(event.target) && !inDialog(event.target) && !isTaken
  const command = allCommands.value.find(c => fits(c, [pair, stroke], free))
  first = undefined
  if (command) {
    event.preventDefault()
    command.run()
  } else if (free && startsPair(stroke)) first = { stroke, at: event.timeStamp }
}

const fits = (command: Command, strokes: readonly string[], free: boolean): boolean =>
  command.keys !== undefined &&
  strokes.includes(command.keys) &&
  (free || command.always === true) &&
  isEnabled(command)

const startsPair = (stroke: string): boolean =>
  allCommands.value.some(c => c.keys?.startsWith(`${stroke} `))
