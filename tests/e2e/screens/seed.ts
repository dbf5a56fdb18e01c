// A home with a few small runs of the bundled models, so that every screen has something real on it.
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { SnapshotEntry } from '../../../src-worker/contract/library'
import type { RunSpecInput, SweepSpecInput } from '../../../src-worker/contract/run-spec'
import { type App, ask } from '../open-app'
import { seedRare } from './rare'
import { settled } from './settled'

export interface Seeded {
  readonly run: string
  readonly failed: string
  readonly sweep: string
  readonly answer: string
  /** a chess run whose prompt hears no Elo */
  readonly elosUnheard: string
  /** a run that was read in bits */
  readonly inBits: string
  readonly snapshots: Readonly<Record<'text' | 'chat' | 'chess' | 'paths', string>>
}

const small = (steps: number, more: RunSpecInput): RunSpecInput => ({
  model: 'workbench-demo-base',
  device: 'cpu',
  ...more,
  training: {
    ...{ steps, lanes: 4, length: 64, accumulation: 1, testEvery: 4, finalTestBatches: 2 },
    ...{ checkpointEvery: Math.ceil(steps / 3) },
    ...more.training,
  },
})

const text: RunSpecInput = { experiment: { kind: 'autoregressive' }, data: { path: 'demo' } }
const sweeps = (home: string): readonly SweepSpecInput[] => [
  {
    name: 'old books',
    base: small(24, { ...text, results: { prompts: 3, maxTokens: 24, metricSamples: 4 } }),
    ...{ tokens: [0, 1, 4, 16], seeds: [0, 1] },
  },
  {
    name: 'skipped',
    base: small(16, { experiment: { kind: 'skip-tokens', skip: 2 }, data: { path: 'demo' } }),
    ...{ tokens: [1, 8] },
  },
  {
    base: small(12, {
      experiment: { kind: 'chess' },
      data: { path: 'demo' },
      prompt: { tokens: 4 },
    }),
  },
  {
    base: small(9, {
      ...{ experiment: { kind: 'pathfinding' }, data: { path: 'procedural' } },
      ...{ prompt: { tokens: 4 }, training: { length: 144 } },
    }),
  },
  {
    base: small(4, {
      ...text,
      ...{ name: 'a file that is gone', prompt: { tokens: 4 } },
      data: { path: 'demo', testPath: join(home, 'gone.jsonl') },
    }),
  },
]

/** Whole demo of that name, by the window's own store. */
async function demo({ page }: App, name: string): Promise<void> {
  await page.evaluate(`location.hash = '#/demo/${name}'`)
  // the first screen has buttons of that name too
  await page.getByRole('heading', { level: 1, name: /hides something/ }).waitFor()
  await page.getByRole('button', { name: /^Start: / }).click()
  await page.getByRole('region', { name: 'What next' }).waitFor({ timeout: 900_000 })
}

async function findAnswer({ page, home }: App): Promise<string> {
  const pairs = Array.from({ length: 120 }, (_, i) => ({
    prompt: `Q${i} is`,
    completion: ` ${(i * 7919) % 97}`,
  }))
  writeFileSync(join(home, 'pairs.jsonl'), pairs.map(pair => JSON.stringify(pair)).join('\n'))
  await ask(page, 'addDataset', { path: join(home, 'pairs.jsonl'), field: '' }).catch(() => null)
  const { id } = await ask(page, 'startAnswer', {
    base: small(4, {
      experiment: { kind: 'custom' },
      data: { path: join(home, 'pairs.jsonl') },
      training: { length: 48, testEvery: 0, checkpointEvery: 0, finalTestBatches: 1 },
      results: { prompts: 1, metricSamples: 8 },
    }),
    ...{ target: null, within: 4, longest: 4, budgetSeconds: null },
  })
  const isOver = async () =>
    (await ask(page, 'answers', {})).find(one => one.id === id)?.kind !== 'running'
  while (!(await isOver())) await new Promise(done => setTimeout(done, 1000))
  return id
}

const isDated = (model: string): boolean => basename(model) === 'dated'

/** Trains what is not there yet. @param home of an earlier call: taken as it is */
export async function seed(app: App): Promise<Seeded> {
  const { page, home } = app
  if ((await ask(page, 'runs', {})).length === 0) {
    await demo(app, 'locked')
    for (const sweep of sweeps(home)) await ask(page, 'startSweep', { sweep, frozen: '' })
    await settled(app)
    await findAnswer(app).catch(error => console.error(`no answer page: ${error}`))
  }
  const before = await ask(page, 'runs', {})
  const trained = (fits: (run: (typeof before)[number]) => boolean) =>
    before.find(run => run.spec.training.steps > 0 && run.state.kind === 'done' && fits(run))?.id ??
    ''
  // no control: they are of no sweep
  const inBits = trained(
    ({ spec, sweep }) =>
      spec.experiment.kind === 'custom' && spec.training.steps > 3 && sweep !== '',
  )
  await seedRare(
    app,
    trained(run => run.sweep === 'old books'),
    inBits,
  )
  const runs = await ask(page, 'runs', {})
  const snapshots = await ask(page, 'snapshots', {})
  const of = (playground: string) =>
    snapshots.find(
      (s: SnapshotEntry) =>
        s.playground === playground && s.kind === 'snapshot' && !isDated(s.metadata.model),
    )?.path ?? ''
  const chat =
    snapshots.find(({ metadata, kind }) => kind === 'snapshot' && isDated(metadata.model))?.path ??
    ''
  const idOf = (fits: (run: (typeof runs)[number]) => boolean) => runs.find(fits)?.id ?? ''
  return {
    run: idOf(run => run.sweep === 'old books' && run.spec.training.steps > 0),
    failed: idOf(run => run.state.kind === 'failed'),
    sweep: 'old books',
    answer: (await ask(page, 'answers', {}))[0]?.id ?? '',
    elosUnheard: trained(run => run.unmeasured !== undefined),
    inBits,
    snapshots: { text: of('text'), chat, chess: of('chess'), paths: of('paths') },
  }
}
