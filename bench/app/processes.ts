// Memory and processor time of the app: its main process and all that it started. Linux only (/proc).
import { readdirSync, readFileSync } from 'node:fs'

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** fields of /proc/<pid>/stat after the command's name */
const stat = (pid: number): readonly string[] => {
  const text = read(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** A process and all below it. */
export function tree(root: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), parent: Number(stat(Number(name))[1]) }))
  const found = [root]
  for (const pid of found) for (const p of parents) if (p.parent === pid) found.push(p.pid)
  return found
}

export interface Memory {
  readonly processes: number
  /** MiB; pages shared by n processes count 1/n in each */
  readonly proportional: number
  /** MiB */
  readonly resident: number
}

export function memoryOf(pids: readonly number[]): Memory {
  const kib = (pid: number, field: string): number =>
    Number(
      new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0,
    )
  const sum = (field: string): number => pids.reduce((all, pid) => all + kib(pid, field), 0) / 1024
  return { processes: pids.length, proportional: sum('Pss'), resident: sum('Rss') }
}

/** Seconds of processor time so far, user and system; clock ticks are hundredths on Linux. */
export const processorSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const fields = stat(pid)
    return sum + (Number(fields[11]) + Number(fields[12])) / 100
  }, 0)
