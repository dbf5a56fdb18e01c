// Programs that scorers start: one that a person wrote on the command line may run on this machine from then on; one out of
// a file may come from elsewhere and is asked about first.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SweepSpec } from '../contract/run-spec'
import { allowedKey, type CommandScorer, notAllowed, scorerOf } from '../contract/scorer'
import { fieldAt, type Plain } from '../shared/plain-object'
import { homePaths, readAllowedCommands } from '../train/home'
import { writeAtomically } from '../weights/atomic'

const commandIn = (scorer: unknown): CommandScorer | undefined => {
  const found = typeof scorer === 'string' ? scorerOf(scorer) : undefined
  return found?.kind === 'command' ? found : undefined
}

/** All programs that cells of the sweep would start. */
function commandsOf({ base, over = {} }: SweepSpec): CommandScorer[] {
  const experiments = [base.experiment, ...(over.experiment ?? [])]
  const named = experiments.map(experiment => fieldAt({ experiment } as Plain, 'experiment.scorer'))
  return [...named, ...(over['experiment.scorer'] ?? [])].flatMap(text => commandIn(text) ?? [])
}

/**
 * Fault usage: a program that nobody has allowed here.
 * @param typed what the command line itself says, without its files
 * @param all whether whatever the files name is allowed as well (--allow-scorer)
 */
export async function allowScorers(
  home: string,
  sweep: SweepSpec,
  typed: SweepSpec,
  all: boolean,
): Promise<void> {
  const commands = commandsOf(sweep)
  if (commands.length === 0) return
  const before = await readAllowedCommands(home)
  const own = new Set([...before, ...commandsOf(typed).map(allowedKey)])
  for (const command of commands) {
    if (all) own.add(allowedKey(command))
    else if (!own.has(allowedKey(command))) throw notAllowed(command)
  }
  if (own.size === before.length) return
  const path = homePaths(home).allowedCommands
  await mkdir(dirname(path), { recursive: true })
  await writeAtomically(path, `${JSON.stringify([...own], null, 2)}\n`)
}
