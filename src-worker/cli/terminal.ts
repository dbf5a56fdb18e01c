// What the command line says, and how: text for people, JSON for programs, a progress line only on a terminal.
import type { Command } from 'commander'
import { asFault, Fault } from '../contract/fault'
import { shownJson, shownLine, shownText } from '../contract/shown-text'

export const exitCodes = { done: 0, fault: 1, usage: 2, interrupted: 130 } as const

export interface Terminal {
  readonly json: boolean
  /** a line for people, on the standard error when the standard output is for a program */
  say(line: string): void
  /** what went wrong, always on the standard error */
  complain(line: string): void
  /** the state of something long; one line that is drawn over on a terminal, a line every few seconds elsewhere */
  progress(doing: string, fraction: number | null): void
  /** the answer: text for people, or the value as JSON */
  answer(value: unknown, text: string): void
}

const bar = (fraction: number): string => {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * 24)
  return `${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${(fraction * 100).toFixed(0).padStart(3)} %`
}

/** Milliseconds between two plain progress lines where nothing can be drawn over. */
const plainEvery = 5000

const complain = (line: string): void => {
  process.stderr.write(`${shownText(line)}\n`)
}

export function openTerminal(json: boolean): Terminal {
  const live = process.stderr.isTTY === true
  let drawn = false
  let lastPlain = -plainEvery
  const clear = (): void => {
    if (drawn) process.stderr.write('\r\x1b[K')
    drawn = false
  }
  const out = json ? process.stderr : process.stdout
  return {
    json,
    say: line => {
      clear()
      out.write(`${shownText(line)}\n`)
    },
    complain: line => {
      clear()
      complain(line)
    },
    progress: (doing, fraction) => {
      const what = shownLine(doing)
      const text = fraction === null ? what : `${bar(fraction)}  ${what}`
      if (live) {
        const columns = process.stderr.columns ?? 80
        process.stderr.write(`\r\x1b[K${text.slice(0, columns - 1)}`)
        drawn = true
      } else if (performance.now() - lastPlain > plainEvery) {
        lastPlain = performance.now()
        process.stderr.write(`${text}\n`)
      }
    },
    answer: (value, text) => {
      clear()
      process.stdout.write(json ? `${shownJson(value)}\n` : `${shownText(text)}\n`)
    },
  }
}

/** Runs one command: its faults become a message with the fix, and an exit code. */
export function action<A extends unknown[]>(
  work: (terminal: Terminal, ...args: A) => Promise<number | undefined>,
): (...args: [...A, Command]) => Promise<void> {
  return async (...all) => {
    const command = all[all.length - 1] as Command
    const json = Boolean(command.optsWithGlobals().json)
    const terminal = openTerminal(json)
    try {
      process.exitCode = (await work(terminal, ...(all as unknown as A))) ?? exitCodes.done
    } catch (error) {
      process.exitCode = report(error, json)
    }
  }
}

function report(error: unknown, json: boolean): number {
  const fault = asFault(error)
  if (json) process.stdout.write(`${shownJson({ fault: fault.toData() })}\n`)
  else complain(`\n${fault.code}: ${fault.message}\n${fault.fix}`)
  if (!(error instanceof Fault) && process.env.SPW_DEBUG !== undefined)
    process.stderr.write(`${(error as Error).stack ?? ''}\n`)
  if (fault.code === 'cancelled') return exitCodes.interrupted
  return fault.code === 'usage' ? exitCodes.usage : exitCodes.fault
}

/** Columns of text, aligned; numbers to the right. */
export function table(
  rows: readonly (readonly (string | number)[])[],
  headings: readonly string[],
): string {
  const all = [headings, ...rows.map(r => r.map(cell => shownLine(String(cell))))]
  const widths = headings.map((_, c) => Math.max(...all.map(r => (r[c] ?? '').length)))
  const right = headings.map((_, c) => rows.every(r => typeof r[c] === 'number'))
  const lines = all.map(row =>
    row
      .map((cell, c) =>
        right[c] === true ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}

/** 1.5 MB, 12 GB */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}

/** 45 s, 3 m 12 s, 5 h 20 m */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const s = Math.round(seconds)
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} m ${s % 60} s`
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} m`
}
