// What the desktop shell (Electron's main process) answers and sends, beside the engine's own tables in api.ts,
// and the bridge that the window sees as `window.workbench`.
import { z } from 'zod'
import type { EventData, EventName, Events } from './api'
import { type CallArgs, type CallName, type CallResult, events } from './api'
import { call, done, none } from './call'
import { type FaultData, faultDataSchema } from './fault'
import { hostNameSchema, machineSchema, machinesSchema } from './machine'

/** Characters; exported charts are the largest that we know. */
const longest = 32_000_000
const longText = z.string().max(longest)

const host = z.object({ host: hostNameSchema })

/** What a file dialog is for: decides its filter. */
export const fileKindSchema = z.enum([
  'any',
  'dataset', //     jsonl, zst, gz, parquet, csv, txt, pgn
  'snapshot', //    safetensors, pt
  'json', //        presets, specs
  'tensorboard', // event files
])
export type FileKind = z.infer<typeof fileKindSchema>

export const desktopCalls = {
  appInfo: call(
    none,
    z.object({
      version: z.string(),
      electron: z.string(),
      chrome: z.string(),
      node: z.string(),
      platform: z.string(),
      packaged: z.boolean(),
      home: z.string(),
      softwareRendering: z.boolean(),
    }),
  ),
  /** the last engineState event, for a window that has just loaded */
  engineStateNow: call(none, events.engineState),
  restartEngine: call(none, done),
  /** close and open the app again: applies `softwareRendering` */
  relaunch: call(none, done),

  // dialogs; empty or null: the user pressed cancel
  chooseFiles: call(
    z.object({ title: z.string(), kind: fileKindSchema, multiple: z.boolean() }),
    z.array(z.string()),
  ),
  chooseFolder: call(z.object({ title: z.string() }), z.string().nullable()),
  /** asks where, then writes; answers with the path */
  saveFile: call(
    z.object({
      title: z.string(),
      suggestedName: z.string().min(1).max(200),
      content: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('text'), text: longText }),
        z.object({ kind: z.literal('base64'), base64: z.base64().max(longest) }),
      ]),
    }),
    z.string().nullable(),
  ),
  /** asks which, then reads a text file of at most 4 MB */
  openTextFile: call(
    z.object({ title: z.string(), kind: fileKindSchema }),
    z.object({ path: z.string(), text: z.string() }).nullable(),
  ),

  /** show a file or folder in the file manager */
  showInFolder: call(z.object({ path: z.string().min(1) }), done),
  /** https and known hosts only; anything else is a Fault */
  openExternal: call(z.object({ url: z.string() }), done),
  copyText: call(z.object({ text: longText }), done),
  notify: call(z.object({ title: z.string().max(200), body: z.string().max(1000) }), done),

  // other machines, through the user's own ssh
  machines: call(none, machinesSchema),
  /** a host of ~/.ssh/config; one that is there already gets the new path of spw */
  addMachine: call(machineSchema, machinesSchema),
  removeMachine: call(host, machinesSchema),
  /** empty: this computer. The page is to be loaded again afterwards: all that it shows is of the other machine */
  useMachine: call(z.object({ host: hostNameSchema.or(z.literal('')) }), machinesSchema),
  /** copies the engine there, with progress as machineCopy; answers with its path there */
  copyBundle: call(host, z.object({ path: z.string() })),
  /** a person chose these on the current machine, which is another one */
  allowThere: call(z.object({ paths: z.array(z.string()).max(1000) }), done),

  // the Hugging Face token: kept by the keychain, never shown to the window again.
  // Main puts it into startDownload and resumeDownload whose token is empty.
  hubToken: call(none, z.object({ saved: z.boolean(), keychain: z.boolean() })),
  saveHubToken: call(z.object({ token: z.string().max(500) }), z.object({ saved: z.boolean() })),
} as const

export type DesktopCalls = typeof desktopCalls
export type DesktopCallName = keyof DesktopCalls
export type DesktopArgs<N extends DesktopCallName> = z.output<DesktopCalls[N]['args']>
export type DesktopResult<N extends DesktopCallName> = z.output<DesktopCalls[N]['result']>
/** What main implements. */
export type DesktopApi = {
  [N in DesktopCallName]: (args: DesktopArgs<N>) => Promise<DesktopResult<N>>
}

export const desktopEvents = {
  /** of copyBundle: the share that has been sent */
  machineCopy: z.object({ host: z.string(), fraction: z.number() }),
  /** files or folders given on the command line of a second start */
  openPaths: z.object({ paths: z.array(z.string()) }),
} as const
export type DesktopEvents = typeof desktopEvents

/** Either table's names; the window does not care who answers. */
export type BridgeCallName = CallName | DesktopCallName
export type BridgeArgs<N extends BridgeCallName> = N extends CallName
  ? CallArgs<N>
  : N extends DesktopCallName
    ? z.input<DesktopCalls[N]['args']>
    : never
export type BridgeResult<N extends BridgeCallName> = N extends CallName
  ? CallResult<N>
  : N extends DesktopCallName
    ? DesktopResult<N>
    : never
export type BridgeEventName = EventName | keyof DesktopEvents
export type BridgeEventData<N extends BridgeEventName> = N extends keyof Events
  ? EventData<N>
  : N extends keyof DesktopEvents
    ? z.output<DesktopEvents[N]>
    : never

/** Errors cannot cross Electron's bridge with their fields, so an answer is data: a value or a fault. */
export const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), fault: faultDataSchema }),
])
export type Answer<R = unknown> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly fault: FaultData }

/** `window.workbench`, frozen. */
export interface Bridge {
  readonly platform: string
  call<N extends BridgeCallName>(name: N, args: BridgeArgs<N>): Promise<Answer<BridgeResult<N>>>
  /** @returns stops listening. Events sent before the first listener of the page are not kept: listen, then read. */
  on<N extends BridgeEventName>(name: N, listener: (data: BridgeEventData<N>) => void): () => void
  /** where a dropped or picked File lies on disk */
  pathOf(file: unknown): string
}
