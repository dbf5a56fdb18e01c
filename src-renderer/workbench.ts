// The only file that touches window.workbench. Calls answer or throw a Fault; events return their own undoing.
import type {
  Bridge,
  BridgeArgs,
  BridgeCallName,
  BridgeEventData,
  BridgeEventName,
  BridgeResult,
} from '../src-worker/contract/desktop'
import { Fault, fromData } from '../src-worker/contract/fault'

declare global {
  interface Window {
    readonly workbench?: Bridge
  }
}

const bridge = (): Bridge => {
  if (window.workbench) return window.workbench
  const fix = 'Start the app with npm start.'
  throw new Fault('engine', 'This page is not inside the workbench window.', fix)
}

/** Ask the engine or the desktop shell; the contract does not care which of them answers. */
export async function call<N extends BridgeCallName>(
  name: N,
  args: BridgeArgs<N>,
): Promise<BridgeResult<N>> {
  const answer = await bridge().call(name, plain(args))
  if (answer.ok) return answer.value
  throw fromData(answer.fault)
}

/** Hear an event until the returned function is called. */
export const on = <N extends BridgeEventName>(
  event: N,
  listener: (data: BridgeEventData<N>) => void,
): (() => void) => bridge().on(event, listener)

/** Where dropped or picked files lie on disk. */
export const pathsOf = (files: Iterable<File>): string[] =>
  [...files].map(file => bridge().pathOf(file)).filter(path => path !== '')

/** Vue's proxies cannot be cloned; every argument of the contract is JSON. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
