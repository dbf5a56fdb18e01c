// Charts that want to be drawn wait in one line: a few milliseconds' worth of them a frame, so that no frame is long.
const budget = 6
const waiting = new Set<() => void>()
let frame = 0

function work() {
  const end = performance.now() + budget
  for (const draw of waiting) {
    waiting.delete(draw)
    draw()
    if (performance.now() > end) break
  }
  frame = waiting.size > 0 ? requestAnimationFrame(work) : 0
}

/** Draw in one of the next frames; twice asked is drawn once. */
export function drawSoon(draw: () => void): void {
  waiting.add(draw)
  if (frame === 0) frame = requestAnimationFrame(work)
}

export const neverMind = (draw: () => void): void => {
  waiting.delete(draw)
}
