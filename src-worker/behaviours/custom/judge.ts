// A judge of the user's: a program that reads one line of JSON an answer and writes one number an answer, 0 … 1.
import { type ChildProcess, spawn } from 'node:child_process'
import { Fault } from '../../contract/fault'
import { type CommandScorer, commandLine } from '../../contract/scorer'

/** One answer. */
export interface Answered {
  readonly id: string
  readonly prompt: string
  readonly written: string
  readonly expected: string
}

/** Characters that are kept of what it writes: of answers an answer, and of its complaints. */
const mostAnswer = 1000
const mostComplaint = 1500

interface Ended {
  readonly output: string
  readonly complaint: string
  /** in words; undefined: as it should */
  readonly failed: string | undefined
}

/** With all that it started, where the system has groups of processes. */
function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // it has ended
  }
}

function started({ argv, shell }: CommandScorer): ChildProcess {
  const [program = '', ...rest] = argv
  const own = process.platform !== 'win32'
  return spawn(program, rest, { shell, detached: own, stdio: ['pipe', 'pipe', 'pipe'] })
}

function ended(scorer: CommandScorer, input: string, most: number): Promise<Ended> {
  const child = started(scorer)
  let [output, complaint, failed] = ['', '', undefined as string | undefined]
  const stop = (why: string): void => {
    failed ??= why
    kill(child)
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => stop(`did not end within ${scorer.seconds} s`),
      scorer.seconds * 1000,
    )
    child.once('error', cause => {
      clearTimeout(timer)
      const message = `the scorer cannot be started: ${commandLine(scorer)} (${cause.message})`
      reject(new Fault('not-found', message, 'Give the whole path of its program.', { cause }))
    })
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > most) stop(`wrote more than ${most} characters`)
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-mostComplaint)
    })
    // a judge may end before it has read all: how it ended says more
    child.stdin?.on('error', () => undefined)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code !== 0) failed ??= signal === null ? `ended with ${code}` : `was ended by ${signal}`
      resolve({ output, complaint, failed })
    })
    child.stdin?.end(input)
  })
}

const fix =
  'Let it read lines of JSON with id, prompt, written and expected, and write one number from 0 to 1 a line.'

/**
 * Its answers, in order.
 * Faults: not-found (it cannot be started), bad-data (it failed, took too long, or answered too few, too many or no numbers)
 */
export async function judged(
  scorer: CommandScorer,
  answers: readonly Answered[],
): Promise<number[]> {
  if (answers.length === 0) return []
  const input = answers
    .map(({ id, prompt, written, expected }) =>
      JSON.stringify({ id, prompt, written, expected }).concat('\n'),
    )
    .join('')
  const { output, complaint, failed } = await ended(scorer, input, mostAnswer * answers.length)
  const wrong = (what: string): Fault => {
    const said = complaint.trim() === '' ? '' : `; it said: ${complaint.trim()}`
    return new Fault('bad-data', `the scorer ${commandLine(scorer)} ${what}${said}`, fix)
  }
  if (failed !== undefined) throw wrong(failed)
  const lines = output.trimEnd() === '' ? [] : output.trimEnd().split('\n')
  if (lines.length !== answers.length)
    throw wrong(`answered ${lines.length} lines for ${answers.length} answers`)
  return lines.map((line, i) => {
    const score = line.trim() === '' ? Number.NaN : Number(line)
    if (score >= 0 && score <= 1) return score
    throw wrong(`answered ${JSON.stringify(line.slice(0, 60))} in line ${i + 1}`)
  })
}
