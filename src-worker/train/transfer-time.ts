// How long a state takes to the device and back.
import { float32 } from '../graph/tensor'
import { plain } from '../program/built'
import { transferProgram } from '../program/transfer'
import { type Engine, named } from './engine'
import { isLarge, type TrainState } from './state'

/** Seconds; 0 for a state so small that it does not count. */
export async function transferTime(
  { options, sessions }: Engine,
  { parameters, m, v }: TrainState,
): Promise<number> {
  if (!isLarge(parameters)) return 0
  const session = await sessions.get('transfer', () => plain(transferProgram(options.shape)))
  const feeds = {
    ...named('p', parameters),
    ...named('m', m),
    ...named('v', v),
    one: float32([], Float32Array.of(1)),
  }
  // the first makes room on the device
  await session.run(feeds)
  const began = performance.now()
  await session.run(feeds)
  const seconds = (performance.now() - began) / 1000
  await sessions.drop('transfer')
  return seconds
}
