// Stop sequences in text that arrives in parts: what may be the beginning of one is held back.

export interface StopText {
  /** @returns text that can be shown now; nothing more follows once `stopped` */
  push(part: string): string
  /** what was held back, at the end of the text */
  flush(): string
  readonly stopped: boolean
}

/** Length of the longest end of `text` that begins one of `stops`, without being one. */
function beginning(text: string, stops: readonly string[]): number {
  const longest = stops.reduce((most, stop) => Math.max(most, stop.length - 1), 0)
  for (let length = Math.min(longest, text.length); length > 0; length--)
    if (stops.some(stop => stop.startsWith(text.slice(text.length - length)))) return length
  return 0
}

/** The text ends before the stop sequence that occurs first; the sequence itself is not shown. */
export function stopText(stops: readonly string[]): StopText {
  let held = ''
  let stopped = false
  return {
    get stopped() {
      return stopped
    },
    push: part => {
      if (stopped) return ''
      const text = held + part
      const places = stops.map(stop => text.indexOf(stop)).filter(place => place >= 0)
      if (places.length > 0) {
        stopped = true
        held = ''
        return text.slice(0, Math.min(...places))
      }
      const kept = text.length - beginning(text, stops)
      held = text.slice(kept)
      return text.slice(0, kept)
    },
    flush: () => {
      const rest = held
      held = ''
      return stopped ? '' : rest
    },
  }
}
