// What is handed to Slurm, and what its answers mean, without a Slurm.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batchScript } from '../../src-worker/cluster/batch-script'
import { slurm } from '../../src-worker/cluster/slurm'
import { jobText, slurmOptionsSchema } from '../../src-worker/contract/cluster'
import { temporaryFolder } from '../temporary'

const input = {
  about: ['sweep "two\nlines"'],
  command: ['/opt/spw/spw', 'sweep', '--spec', "/srv/it's me/jobs/a/sweep.json"],
  tasks: 3,
  folder: "/srv/it's me/jobs/a",
  home: "/srv/it's me",
  slurm: slurmOptionsSchema.parse({}),
}
const directives = (text: string) => text.split('\n').filter(line => line.startsWith('#SBATCH'))

describe('the batch script', () => {
  test('asks only for what was asked for', () => {
    const bare = directives(batchScript(input)).join('\n')
    expect(bare).not.toMatch(/partition|gres|account|time=/)
    const asked = { partition: 'gpu', gres: 'gpu:1', account: 'lab', time: '1-12' }
    const full = batchScript({ ...input, slurm: slurmOptionsSchema.parse(asked) })
    for (const [name, value] of Object.entries(asked))
      expect(directives(full)).toContain(`#SBATCH --${name}=${value}`)
  })

  test('holds names and paths that no shell misreads', () => {
    const text = batchScript(input)
    expect(text).toContain(`export SPW_HOME='/srv/it'\\''s me'`)
    expect(text).toContain('# sweep "two lines"\n')
    expect(text).toContain(`'/srv/it'\\''s me/jobs/a/sweep.json' $leave &`)
  })

  test.each([
    ['', 120],
    ['0', 120],
    ['1', 15],
    ['1:20', 20],
    ['0:5:0', 75],
    ['8', 120],
    ['4:00:00', 120],
    ['0-0:4', 60],
    ['1-12', 120],
  ])('with a time limit of "%s" a task is signalled %d s before', (time, seconds) => {
    const text = batchScript({ ...input, slurm: slurmOptionsSchema.parse({ time }) })
    expect(text).toContain(`#SBATCH --signal=B:USR1@${seconds}\n`)
  })

  test('runs the setup before anything of ours', () => {
    const slurmOptions = slurmOptionsSchema.parse({ setup: 'module load cuda\n' })
    const text = batchScript({ ...input, slurm: slurmOptions })
    expect(text.indexOf('\nmodule load cuda\n')).toBeGreaterThan(0)
    expect(text.indexOf('module load cuda')).toBeLessThan(text.indexOf('/opt/spw/spw sweep'))
  })
})

test.each([
  ['partition', 'gpu\n#SBATCH --uid=0'],
  ['account', 'a b'],
  ['gres', '$(id)'],
  ['time', 'soon'],
])('%s %j is refused', (name, value) => {
  expect(slurmOptionsSchema.safeParse({ [name]: value }).success).toBe(false)
})

/** Commands of this name say these lines. */
function saying(lines: Readonly<Record<string, string>>): void {
  const folder = join(temporaryFolder(), 'bin')
  mkdirSync(folder)
  for (const [name, script] of Object.entries(lines)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`)
}
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the states of tasks', () => {
  test('are the queue’s, and what it has forgotten the accounts’', async () => {
    saying({
      squeue: "echo '7_1|RUNNING|n1|None'; echo '7_2|PENDING||Resources'",
      sacct: "echo '7_1|REQUEUED|n2'; echo '7_3|CANCELLED by 0|None assigned'; echo '7_3.batch|X|'",
    })
    const states = (await slurm.states(['7'])).get('7') ?? []
    expect(states).toEqual([
      { task: 1, state: 'RUNNING', node: 'n1', reason: '' },
      { task: 2, state: 'PENDING', node: '', reason: 'Resources' },
      { task: 3, state: 'CANCELLED', node: '', reason: '' },
    ])
    const text = jobText({ states, unknown: '' })
    expect(text).toBe('1 RUNNING, 1 PENDING (Resources), 1 CANCELLED')
  })

  // slurmdbd 22.05 keeps tasks that were cancelled before they began as one entry
  test('are those of each task where the accounts name many at once', async () => {
    const taken = "echo '7_1|COMPLETED|n1'; echo '7_[2,4-5,8-12:2%3]|CANCELLED by 0|None assigned'"
    saying({ squeue: 'exit 0', sacct: taken })
    const states = (await slurm.states(['7'])).get('7') ?? []
    expect(states.map(({ task }) => task)).toEqual([1, 2, 4, 5, 8, 10, 12])
    expect(jobText({ states, unknown: '' })).toBe('1 COMPLETED, 6 CANCELLED')
  })

  test('are none where the queue has forgotten a job and nobody keeps accounts', async () => {
    saying({
      squeue: "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1",
      sacct: "echo 'Slurm accounting storage is disabled' >&2; exit 1",
    })
    expect((await slurm.states(['7'])).size).toBe(0)
  })

  test('are a fault in Slurm’s words where it does not answer', async () => {
    saying({ squeue: "echo 'Unable to contact slurm controller' >&2; exit 1", sacct: 'exit 1' })
    await expect(slurm.states(['7'])).rejects.toThrow('Unable to contact slurm controller')
  })
})

test('what sbatch refuses is wrong usage', async () => {
  saying({ sbatch: "echo 'sbatch: error: invalid partition specified: x' >&2; exit 1" })
  await expect(slurm.submit('job.sh')).rejects.toMatchObject({ code: 'usage' })
})
