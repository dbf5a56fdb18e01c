// What the engine and its training threads and processes say to each other. All of it survives structured clone.
import type { StopRequest } from '../train/control'
import type { RunHost, RunUpdate } from '../train/job'

export type PlainHost = Omit<RunHost, 'stopRequest' | 'writeEvents'>

export type ToRunThread =
  | { readonly kind: 'run'; readonly folder: string; readonly host: PlainHost }
  | { readonly kind: 'stop'; readonly stopRequest: StopRequest }
  | { readonly kind: 'close' }

export type FromRunThread =
  | { readonly kind: 'update'; readonly folder: string; readonly update: RunUpdate }
  | { readonly kind: 'finished'; readonly folder: string }
