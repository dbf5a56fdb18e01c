// The head of a remote file, as it is called in the cache: such a file may end anywhere, and that is no fault.
import { basename } from 'node:path'

const mark = /\.head-\d+\./

/** `data.jsonl.zst` and 1000 bytes → `data.head-1000.jsonl.zst` */
export function headName(name: string, bytes: number): string {
  const dot = name.indexOf('.', 1)
  return dot < 0
    ? `${name}.head-${bytes}.`
    : `${name.slice(0, dot)}.head-${bytes}${name.slice(dot)}`
}

export const isHead = (path: string): boolean => mark.test(basename(path))
