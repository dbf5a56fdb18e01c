// How an answer to a held-out example of one's own is scored, 0 … 1: one word of a spec, a command or a form.
import { z } from 'zod'
import { quoted } from '../shared/shell'
import { Fault } from './fault'

/** A judge of the user's: it reads one line of JSON an answer and writes one number an answer. */
export interface CommandScorer {
  readonly kind: 'command'
  /** program and arguments; of a shell, its one line */
  readonly argv: readonly string[]
  readonly shell: boolean
  /** for all answers of a run together */
  readonly seconds: number
}

export type Scorer =
  | { readonly kind: 'exact' | 'begins-with' | 'contains' | 'choice' | 'capitals' }
  /** the first number written lies within the tolerance of the first one expected */
  | { readonly kind: 'number'; readonly tolerance: number }
  | { readonly kind: 'regex'; readonly pattern: string; readonly flags: string }
  | CommandScorer

/** What may be written, for faults, helps and forms. */
export const scorerWords =
  'exact, begins-with, contains, choice, capitals, number, number:0.01, regex:^Yes, regex:/^yes/i, command:python judge.py, shell:LINE'

const defaultSeconds = 600

const commandSchema = z.strictObject({
  argv: z.array(z.string().min(1)).min(1),
  shell: z.boolean().default(false),
  seconds: z.number().positive().default(defaultSeconds),
})

/** Words at blanks; what stands in quotes is one. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(([all, a, b]) => a ?? b ?? all)

function commandOf(text: string): CommandScorer | undefined {
  if (!/^\s*\{/.test(text)) {
    const argv = wordsOf(text)
    return argv.length === 0
      ? undefined
      : { kind: 'command', argv, shell: false, seconds: defaultSeconds }
  }
  try {
    return { kind: 'command', ...commandSchema.parse(JSON.parse(text)) }
  } catch {
    return undefined
  }
}

function regexOf(text: string): Scorer | undefined {
  const [, inside, flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? []
  const pattern = inside ?? text
  try {
    new RegExp(pattern, flags)
  } catch {
    return undefined
  }
  // g and y remember where they were
  return pattern === '' || /[gy]/.test(flags) ? undefined : { kind: 'regex', pattern, flags }
}

const plain = ['exact', 'begins-with', 'contains', 'choice', 'capitals'] as const

/** Undefined: it is none. */
export function scorerOf(text: string): Scorer | undefined {
  const named = plain.find(kind => kind === text)
  if (named !== undefined) return { kind: named }
  if (text === 'number') return { kind: 'number', tolerance: 0 }
  const [, kind, rest = ''] = /^(number|regex|command|shell):(.*)$/s.exec(text) ?? []
  switch (kind) {
    case 'number': {
      const tolerance = rest.trim() === '' ? Number.NaN : Number(rest)
      return tolerance >= 0 && Number.isFinite(tolerance) ? { kind, tolerance } : undefined
    }
    case 'regex':
      return regexOf(rest)
    case 'command':
      return commandOf(rest)
    case 'shell':
      return rest.trim() === ''
        ? undefined
        : { kind: 'command', argv: [rest.trim()], shell: true, seconds: defaultSeconds }
    default:
      return undefined
  }
}

/** A command as a person reads it before it may run. */
export const commandLine = ({ argv, shell }: CommandScorer): string =>
  shell ? `${argv.join(' ')} (in a shell)` : argv.map(quoted).join(' ')

export const scorerSchema = z
  .string()
  .refine(text => scorerOf(text) !== undefined, { error: `is no scorer: ${scorerWords}` })

/** A file of a home: the commands that somebody on this machine has allowed, as allowedKey has them. */
export const allowedCommandsSchema = z.array(z.string())

/** Whatever else a spec says, the same program with the same arguments. */
export const allowedKey = ({ argv, shell }: CommandScorer): string =>
  JSON.stringify([shell ? 'shell' : 'command', ...argv])

export const notAllowed = (command: CommandScorer): Fault =>
  new Fault(
    'usage',
    `the scorer starts a program that nobody has allowed on this machine: ${commandLine(command)}`,
    'Read what it does; if you trust it, start the run on the command line with --allow-scorer once.',
  )
