// The user's own ssh: its keys, agents, jump hosts and known hosts. Here is how it is called, and what its failures mean.
import type { z } from 'zod'
import { Fault } from '../contract/fault'
import { hostNameSchema, programPathSchema } from '../contract/machine'

/** Another machine, as ssh knows it. */
export interface Machine {
  readonly host: string
  /** path of spw there; empty: the bundle that was copied there, else `spw` */
  readonly program: string
}

const checked = <T>(schema: z.ZodType<T>, value: unknown, what: string): T => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Fault('usage', `${what} ${String(value)}: ${issue?.message}`, `Correct ${what}.`)
}

/** Faults: usage, for a name or a path that ssh or a shell could take for something else. */
export const machineOf = (host: string, program = ''): Machine => ({
  host: checked(hostNameSchema, host, 'the host'),
  program: checked(programPathSchema, program, 'the path of spw'),
})

/**
 * Arguments of ssh. It asks nothing (nobody could answer), and notices within a minute when the other side is gone.
 * Behind `--` no name is taken for an option.
 * @param command for the login shell there
 */
export const sshArguments = (host: string, command: string): readonly string[] => [
  ...['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20'],
  ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'],
  ...['--', machineOf(host).host, command],
]

/** Where bundles are copied to; for a shell that runs there. */
export const bundlesThere =
  '$' + '{XDG_DATA_HOME:-$HOME/.local/share}/soft-prompt-workbench/bundles'
export const bundleName = (version: string): string => `spw-${version}-linux-x64`

/** A script of sh in one line without single quotes, for whatever shell the login there has. */
export const inShell = (script: string): string => `sh -c '${script}'`

/** Starts the engine there. A login without a terminal often has a short PATH, so the usual places are tried, too. */
export function engineCommand({ program }: Machine, version: string): string {
  if (program !== '') return `${program} engine --stdio`
  const bundle = `${bundlesThere}/${bundleName(version)}/spw`
  return inShell(
    `b="${bundle}"; if [ -x "$b" ]; then exec "$b" engine --stdio; fi; ` +
      'for s in spw "$HOME/.local/bin/spw" "$HOME/bin/spw"; do ' +
      'if command -v "$s" >/dev/null; then exec "$s" engine --stdio; fi; done; ' +
      'echo there is no spw >&2; exit 127',
  )
}

const copyIt = 'Copy the bundle there: in Settings → Machines, or with `spw engine --copy-to`.'

/** Why ssh ended before the engine greeted. @param said the end of its standard error */
export function refusal({ host }: Machine, code: number | null, said: string): Fault {
  const words = said.trim()
  if (code === 127) return new Fault('not-found', `${host} has no spw: ${words}`, copyIt)
  if (code === 255)
    return new Fault(
      'network',
      `ssh does not reach ${host}: ${words}`,
      `Make \`ssh ${host}\` work without a question: its key, its agent, its known host.`,
    )
  const why = words === '' ? `ssh ended with exit code ${code}` : words
  return new Fault(
    'engine',
    `the engine on ${host} did not start: ${why}`,
    'Correct what it names.',
  )
}

export const otherVersion = ({ host }: Machine, theirs: string, ours: string): Fault =>
  new Fault('engine', `${host} has spw ${theirs}, this is ${ours}`, copyIt)

/** What calls get whose answer the connection did not bring. */
export const lostFault = ({ host }: Machine, why: string): Fault =>
  new Fault(
    'network',
    `the connection to ${host} was lost: ${why}`,
    `What runs there goes on. Look again with \`spw --on ${host} runs\`.`,
  )
