// What models, data and runs are called. Engine and window both use these.
import { counted } from './counted'

/** The last part of a path, of either system: org/name → name. */
export const lastPart = (path: string): string =>
  path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1) ?? path

/** A data file's or folder's name without its endings; what stands for itself stays. */
export const dataName = (path: string): string =>
  lastPart(path).replace(/(\.(jsonl|json|txt|csv|parquet|pgn|zst|gz))+$/i, '')

interface Prompted {
  readonly type: string
  readonly tokens?: number
  readonly dimensions?: number
}

/** "16 tokens", "4 tokens in 8 numbers", "no prompt", "start token" */
export function promptName(prompt: Prompted): string {
  if (prompt.type === 'none') return 'no prompt'
  if (prompt.type === 'start-token') return 'start token'
  const { tokens = 0, dimensions } = prompt
  const words = counted(tokens, 'token')
  if (dimensions === undefined) return words
  return `${words} in ${counted(dimensions, 'number')}`
}

/** "skip 4 · pythia-160m · 16 tokens" */
export const titleOf = (
  behaviour: string,
  { model, prompt }: { readonly model: string; readonly prompt: Prompted },
): string => [behaviour, lastPart(model), promptName(prompt)].join(' · ')

/** Long names keep both their ends, more of the first, where they differ: "rate 0.03 · 16 steps …ench-demo-base" */
export function shortened(name: string, most = 72): string {
  if (name.length <= most) return name
  const end = Math.floor((most - 1) * 0.3)
  return `${name.slice(0, most - 1 - end)}…${name.slice(name.length - end)}`
}

/** The same text as the beginning of a sentence. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
