// How often something that costs time may be drawn: at once after a quiet while, a small share of the time while it changes
// without end.
const share = 24
const burst = 500

/** Times in ms, of one clock. */
export function createPace() {
  /** all draws so far are paid for by then */
  let paid = 0
  return {
    /** how long the next draw should wait */
    pause: (now: number): number => Math.max(0, paid - burst - now),
    /** painting takes about as long again as drawing: in the long run this keeps to a twelfth of the time */
    drew: (start: number, end: number): void => {
      paid = Math.max(paid, start) + share * (end - start)
    },
    /** what was drawn is forgotten */
    forgive: (): void => {
      paid = 0
    },
  }
}
