// The batch script of a sweep or an answer, for people to read: what is asked of Slurm, and what a task does on its node.
import type { SlurmOptions } from '../contract/cluster'
import { quoted } from '../shared/shell'

export interface ScriptInput {
  /** what it does, for people: lines without their # */
  readonly about: readonly string[]
  /** how spw is started on a node, and its arguments */
  readonly command: readonly string[]
  readonly tasks: number
  /** the folder of script and logs */
  readonly folder: string
  /** SPW_HOME */
  readonly home: string
  readonly slurm: SlurmOptions
}

/** Seconds between the signal and the time limit, at most: a step and a checkpoint of a large model take less. */
const warning = 120

/** A limit as sbatch reads it: minutes, M:S, H:M:S, D-H, D-H:M or D-H:M:S. @returns seconds */
function secondsOf(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-') : [undefined, time]
  const [a = 0, b = 0, c = 0] = (clock ?? '').split(':').map(Number)
  if (days !== undefined) return Number(days) * 86_400 + a * 3600 + b * 60 + c
  return (clock ?? '').split(':').length === 3 ? a * 3600 + b * 60 + c : a * 60 + b
}

/** Under a short limit most of the time is for training, or a task would end before its first step, again and again. */
const warningOf = (time: string): number => {
  const limit = secondsOf(time)
  // empty: the partition's; 0: none
  return limit === 0 ? warning : Math.max(1, Math.min(warning, Math.floor(limit / 4)))
}

/** A task that was killed (for want of memory, say) is tried so often again. */
const retries = 3

const directives = ({ slurm, tasks, folder }: ScriptInput): readonly string[] => {
  // a % in the path would be one of sbatch's own
  const log = `${folder.replaceAll('%', '%%')}/task-%a.log`
  const asked = { partition: slurm.partition, gres: slurm.gres, account: slurm.account }
  return [
    '--job-name=spw',
    `--array=1-${tasks}`,
    '--requeue',
    '--open-mode=append',
    `--output="${log}"`,
    `--signal=B:USR1@${warningOf(slurm.time)}`,
    ...Object.entries({ ...asked, time: slurm.time })
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `--${name}=${value}`),
  ].map(words => `#SBATCH ${words}`)
}

/** Several tasks share the work: all but one go when there is nothing left to take. */
const leaving = [
  '# The first task also takes up what others leave behind, so it waits for them; the others leave when all cells are taken.',
  'leave=--leave',
  '[ "$SLURM_ARRAY_TASK_ID" = 1 ] && leave=',
  '',
]

export function batchScript(input: ScriptInput): string {
  const { about, command, tasks, home, slurm } = input
  const setup = slurm.setup === '' ? [] : ['# from --setup:', slurm.setup.trimEnd(), '']
  const words = command.map(quoted).join(' ')
  return `${[
    '#!/bin/bash',
    // a name with a line break must not end the comment
    ...about.map(line => `# ${line.replaceAll('\n', ' ')}`),
    ...directives(input),
    '',
    `export SPW_HOME=${quoted(home)}`,
    ...setup,
    ...(tasks > 1 ? leaving : []),
    '# Slurm sends USR1 before the time limit, TERM when it wants the node back: spw then writes a checkpoint and ends.',
    'again=no asked=no',
    'trap \'again=yes asked=yes; kill -TERM "$spw" 2> /dev/null\' USR1',
    'trap \'asked=yes; kill -TERM "$spw" 2> /dev/null\' TERM',
    `${words}${tasks > 1 ? ' $leave' : ''} &`,
    'spw=$!',
    '# a signal ends the waiting, not spw',
    'while wait "$spw"; code=$?; [ "$asked" = yes ]; do asked=no; done',
    '',
    '# 128 + signal: spw was killed; 130 is its own way to say that it was asked to stop',
    `[ "$code" -gt 130 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${retries} ] && again=yes`,
    '[ "$code" != 0 ] && [ "$again" = yes ] &&',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own variables
    '  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60',
    'exit "$code"',
  ].join('\n')}\n`
}
