// A sweep and an answer on a real Slurm: a job array whose tasks share the cells, with a node drained and a task killed in
// the middle; one task that decides and trains, killed and signalled.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswerStep } from '../../src-worker/contract/answer'
import type { Job } from '../../src-worker/contract/cluster'
import type { RunSummary } from '../../src-worker/contract/run'
import { spw } from '../cli/spw'
import { writeTexts } from '../train/runs'
import { type Cluster, missingSlurm, openCluster } from './real-slurm'

const why = missingSlurm()
if (why !== '') console.log(`No sweep is tried on Slurm: ${why}.`)

const root = resolve(import.meta.dirname, '../..')
const model = join(root, 'tests/reference/models/tiny-neox')
const settings = [
  ...['--experiment', 'autoregressive', '--model', model, '--lanes', '2'],
  ...['--accumulation', '1', '--length', '32', '--final-test-batches', '1', '--test-every', '0'],
  ...['--results', '0', '--metric-samples', '0'],
]
const steps = 100
const lossSteps = (folder: string): number[] =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter(line => line.includes('"Loss"'))
    .map(line => (JSON.parse(line) as { step: number }).step)

describe.skipIf(why !== '')('Slurm', () => {
  let cluster: Cluster
  const home = mkdtempSync(join(tmpdir(), 'spw-home-'))
  const texts = writeTexts(home)
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, out, err } = await spw(home, '--json', ...args)
    if (code !== 0) throw new Error(`${args[0]}: exit ${code}\n${out}\n${err}`)
    return JSON.parse(out) as T
  }
  const sweep = ['sweep', ...settings, '--data', texts, '--slurm']
  const submit = (name: string, ...more: string[]) => json<Job>(...sweep, '--name', name, ...more)
  const runsOf = async (name: string): Promise<RunSummary[]> =>
    (await json<RunSummary[]>('runs')).filter(run => run.sweep === name)
  const jobOf = async (id: string): Promise<Job> => {
    const job = (await json<Job[]>('jobs')).find(each => each.id === id)
    if (job === undefined) throw new Error(`job ${id} is not listed`)
    return job
  }
  /** Seldom: each look is a process of its own, which the tasks would wait for. */
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await sleep(1500)
  }
  /** the process of the workbench that trains a run */
  const trainerOf = (folder: string): number | undefined => {
    const text = readFileSync(join(folder, 'state.json'), 'utf8')
    const { state, lease } = JSON.parse(text) as {
      state: { kind: string }
      lease: { pid: number } | null
    }
    return state.kind === 'training' ? lease?.pid : undefined
  }
  const folders = (): string[] => {
    const runs = join(home, 'runs')
    const ids = existsSync(runs) ? readdirSync(runs).filter(id => !id.startsWith('.')) : []
    return ids.map(id => join(runs, id))
  }
  /** One that trains now, and is not `before`; read from the folders, for runs are short. */
  const someTrainer = async (before = 0): Promise<number> => {
    for (;;) {
      const pid = folders()
        .map(trainerOf)
        .find(found => found !== undefined && found !== before)
      if (pid !== undefined) return pid
      await sleep(20)
    }
  }
  /** Slurm is asked first, as long as it has the job: that costs much less than a look of the workbench. */
  const ended = async ({ id }: Job): Promise<void> => {
    while (cluster.ask('squeue', '--noheader', '--jobs', id).trim() !== '') await sleep(500)
    await until(async () => !(await jobOf(id)).isActive)
  }

  beforeAll(async () => {
    // two tasks on two cores
    writeFileSync(join(home, 'settings.json'), JSON.stringify({ threads: 1 }))
    cluster = await openCluster()
    Object.assign(process.env, cluster.env)
  })
  afterAll(async () => {
    for (const name of Object.keys(cluster?.env ?? {})) delete process.env[name]
    await cluster?.close()
    rmSync(home, { recursive: true, force: true })
  })

  test('trains twelve cells once each, while a node is drained and a task is killed', async () => {
    const grid = ['--tokens', '1', '2', '4', '8', '--seed', '1', '2', '3', '--steps', String(steps)]
    const job = await submit('twelve', ...grid, '--array-limit', '3', '--time', '10')
    expect(job).toMatchObject({ cells: 12, tasks: 3 })
    process.kill(await someTrainer(), 'SIGKILL')
    cluster.ask('scontrol', 'update', 'nodename=n1', 'state=drain', 'reason=test')
    await until(async () => folders().length >= 6)
    cluster.ask('scontrol', 'update', 'nodename=n1', 'state=resume')
    await ended(job)

    const runs = await runsOf('twelve')
    expect(runs.map(run => run.state.kind)).toEqual(Array(12).fill('done'))
    expect(new Set(runs.map(({ spec }) => JSON.stringify([spec.prompt, spec.seed]))).size).toBe(12)
    const each = Array.from({ length: steps }, (_, i) => i + 1)
    for (const { folder } of runs) expect(lossSteps(folder)).toEqual(each)
    expect((await jobOf(job.id)).states.map(({ state }) => state)).toEqual(
      Array(3).fill('COMPLETED'),
    )
  }, 400_000)

  test('a task writes a checkpoint before its time is over and goes on when it is queued again', async () => {
    const grid = ['--tokens', '4', '--steps', '2000', '--checkpoint-every', '100000']
    const job = await submit('long', ...grid)
    await someTrainer()
    cluster.ask('scancel', '--signal=USR1', '--batch', `${job.id}_1`)
    await ended(job)
    const [run] = await runsOf('long')
    expect(run?.state.kind).toBe('done')
    expect(run?.restarts).toHaveLength(1)
    expect(run?.restarts[0]).toBeGreaterThan(0)
    expect(lossSteps(run?.folder ?? '')).toHaveLength(2000)
  }, 300_000)

  test('a job that is cancelled leaves a checkpoint', async () => {
    const job = await submit('cancelled', '--tokens', '4', '--steps', '100000')
    await someTrainer()
    expect(await json('cancel', 'cancelled')).toEqual({ cancelled: [job.id] })
    await ended(job)
    await until(async () => (await runsOf('cancelled'))[0]?.state.kind === 'stopped')
    const [run] = await runsOf('cancelled')
    expect(readdirSync(join(run?.folder ?? '', 'checkpoints'))).not.toEqual([])
    expect((await jobOf(job.id)).states).toMatchObject([{ task: 1, state: 'CANCELLED' }])
  }, 200_000)

  test('an answer is found by one task, killed once and signalled once, and no run begins twice', async () => {
    const data = join(home, 'pairs.jsonl')
    const pairs = Array.from({ length: 80 }, (_, i) => [`ask ${i}`, ` say ${i}`])
    const lines = pairs.map(([prompt, completion]) => JSON.stringify({ prompt, completion }))
    writeFileSync(data, lines.join('\n'))
    const question = [
      ...[
        '--experiment',
        '{"kind":"custom","scorer":"contains"}',
        '--model',
        model,
        '--data',
        data,
      ],
      ...['--lanes', '2', '--accumulation', '1', '--length', '32', '--final-test-batches', '1'],
      ...['--results', '1', '--metric-samples', '2', '--steps', '160'],
      ...['--longest', '4', '--target', '0.9'],
    ]
    const job = await json<Job>('answer', ...question, '--slurm', '--time', '10')
    expect(job).toMatchObject({ cells: null, tasks: 1 })
    const killed = await someTrainer()
    process.kill(killed, 'SIGKILL')
    await someTrainer(killed)
    cluster.ask('scancel', '--signal=USR1', '--batch', `${job.id}_1`)
    await ended(job)

    expect((await jobOf(job.id)).states).toMatchObject([{ task: 1, state: 'COMPLETED' }])
    expect(cluster.ask('scontrol', 'show', 'job', job.id)).toContain('Restarts=2')
    const log = readFileSync(join(job.folder, 'task-1.log'), 'utf8')
    expect(log).toContain('the same command goes on from here')
    expect(log).toContain('not elicited by 4 tokens')
    const runs = await runsOf(job.sweep)
    expect(runs.map(run => run.state.kind)).toEqual(runs.map(() => 'done'))
    const made = runs.map(({ spec: { prompt, seed, optimizer, data } }) =>
      JSON.stringify([prompt, optimizer.learningRate, data, seed]),
    )
    expect(new Set(made).size).toBe(runs.length)
    for (const { folder, step } of runs)
      expect(lossSteps(folder)).toEqual(Array.from({ length: step }, (_, i) => i + 1))
    // asked here, it has nothing left to do
    const { next } = await json<AnswerStep>('answer', ...question)
    expect(next).toMatchObject({ kind: 'ended' })
    expect(await runsOf(job.sweep)).toHaveLength(runs.length)
  }, 400_000)

  test('what Slurm refuses is said in its words', async () => {
    const { code, err } = await spw(home, ...sweep, '--partition', 'nowhere')
    expect(code).toBe(2)
    expect(err).toContain('invalid partition')
  })
})
