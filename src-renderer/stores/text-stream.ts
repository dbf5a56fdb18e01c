// Fresh tokens on their way to the screen. They may come faster than a long answer can be drawn: then
// what came meanwhile is taken together, so that nothing piles up and a click on Stop is answered.
import { nextTick } from 'vue'
import type { SampledToken, SampleEvent } from '../../src-worker/contract/playground'

/** Hands events on: the first at once, later ones together, `pause` ms after the screen took the last. */
export function paced<E>(take: (events: readonly E[]) => void, pause = 100) {
  let waiting: E[] = []
  let going = false
  const hand = async () => {
    going = true
    while (waiting.length > 0) {
      const events = waiting
      waiting = []
      take(events)
      await nextTick()
      await new Promise(done => setTimeout(done, pause))
    }
    going = false
  }
  return (events: readonly E[]): void => {
    waiting.push(...events)
    if (!going) void hand()
  }
}

type Samples = readonly (readonly SampledToken[])[]

/** Samples with the tokens of events added; those without new ones stay the same lists. */
export const grown = (samples: Samples, events: readonly SampleEvent[]): Samples =>
  samples.map((known, i) => {
    const fresh = events.flatMap(({ sample, tokens }) => (sample === i ? tokens : []))
    return fresh.length > 0 ? [...known, ...fresh] : known
  })
