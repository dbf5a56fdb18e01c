// Between the window and the engine: the sender and the arguments are checked, here only, then it is passed on.
// A window that reloads misses nothing: its preload listens before its first line runs, every list is read again by a
// call, and the engine's events are ordered after what they report. Event batches come from the engine, ten a second
// at most.
import type { WebContents, WebFrameMain } from 'electron'
import { calls } from '../src-worker/contract/api'
import {
  type Answer,
  type DesktopApi,
  type DesktopCallName,
  type DesktopEvents,
  desktopCalls,
} from '../src-worker/contract/desktop'
import { type EngineEvent, isCallName, validArguments } from '../src-worker/contract/engine'
import { asFault, Fault } from '../src-worker/contract/fault'
import { isOwnPage } from './addresses'
import type { AllowedPaths } from './paths-allowed'

export interface RelayOptions {
  readonly contents: () => WebContents | undefined
  readonly devServer: string | undefined
  readonly desktop: DesktopApi
  readonly allowed: () => AllowedPaths
  /** whether the engine is that of another machine */
  readonly isElsewhere: () => boolean
  readonly engine: (name: string, args: unknown) => Promise<Answer>
  /** last word on the arguments of an engine call: the hub token is put in here */
  readonly amend: (name: string, args: unknown) => unknown
  /** called after each answered engine call */
  readonly answered: (name: string, answer: Answer) => void
}

export interface Sender {
  readonly sender: WebContents
  readonly senderFrame: Pick<WebFrameMain, 'url' | 'parent'> | null
}

const isDesktopCall = (name: string): name is DesktopCallName => Object.hasOwn(desktopCalls, name)

/** Only the top frame of our own window, showing our own page, may ask. */
export function mayAsk(
  { sender, senderFrame }: Sender,
  contents: WebContents | undefined,
  devServer: string | undefined,
): boolean {
  if (contents === undefined || sender !== contents || senderFrame === null) return false
  return senderFrame.parent === null && isOwnPage(senderFrame.url, devServer)
}

/** What `workbench:call` answers with; never rejects. */
export function createRelay(options: RelayOptions) {
  /** What the engine's lists hold may be named before the window has read them: after a reload, for instance. */
  async function allowedPaths(args: unknown): Promise<void> {
    const allowed = options.allowed()
    try {
      allowed.check(args)
    } catch {
      for (const list of [
        'engineInfo',
        'models',
        'datasets',
        'runs',
        'settings',
        'presets',
      ] as const) {
        const answer = await options.engine(list, {})
        if (answer.ok) allowed.accept(list, answer.value)
      }
      allowed.check(args)
    }
  }

  async function pass(from: Sender, name: string, args: unknown): Promise<Answer> {
    if (!mayAsk(from, options.contents(), options.devServer))
      throw new Fault('usage', 'this page may not ask the workbench', 'Close it.')
    if (isDesktopCall(name)) {
      const method = options.desktop[name] as (args: unknown) => Promise<unknown>
      return { ok: true, value: await method(validArguments(desktopCalls[name].args, name, args)) }
    }
    if (!isCallName(name))
      throw new Fault('usage', `there is no call named ${String(name)}`, 'Reload the window.')
    if (name === 'listFolder' && !options.isElsewhere())
      throw new Fault(
        'usage',
        'folders of this computer are for its dialogs',
        'Choose in a dialog.',
      )
    const valid = validArguments(calls[name].args, name, args)
    await allowedPaths(valid)
    const right = options.amend(name, valid)
    const answer = await options.engine(name, right)
    options.answered(name, answer)
    return answer
  }

  return {
    call: (from: Sender, name: string, args: unknown): Promise<Answer> =>
      pass(from, String(name), args).catch(error => ({
        ok: false,
        fault: asFault(error).toData(),
      })),
    /** a file that a person dropped on our page */
    dropped: (from: Sender, path: unknown): void => {
      if (mayAsk(from, options.contents(), options.devServer) && typeof path === 'string') {
        // a file of this computer means nothing on another one
        if (!options.isElsewhere()) options.allowed().allow([path])
      }
    },
    /** to the window, if there is one */
    tell: (events: readonly (EngineEvent | readonly [keyof DesktopEvents, unknown])[]): void => {
      const contents = options.contents()
      if (contents !== undefined && !contents.isDestroyed())
        contents.send('workbench:events', events)
    },
  }
}
