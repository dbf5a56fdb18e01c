// Sound files that the program itself writes, made once at the start of a fuzz run.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { rewriteEvents } from '../../src-worker/analysis/tensorboard'
import { openGameCache } from '../../src-worker/behaviours/chess/cache'
import { gameFilterSchema } from '../../src-worker/contract/experiment-spec'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { writeCheckpoint } from '../../src-worker/train/checkpoint'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { encodeMetadata, writeSnapshot } from '../../src-worker/weights/snapshot-file'
import { writeCache } from '../../src-worker/workbench/metric-cache'
import { column } from '../../src-worker/workbench/metric-table'

const shape = { type: 'direct', tokens: 2, width: 4 } as const
const metadata = {
  ...{ source: 'workbench' as const, model: 'm', shape, conditionNames: [], training: {} },
  ...{ step: 2, experiment: 'skip-tokens' },
}
const parameters = new Map([
  ['embedding', { shape: [2, 4], data: Float32Array.from({ length: 8 }, (_, i) => i / 7) }],
])

export async function makeCorpus(folder: string): Promise<Record<string, Uint8Array>> {
  const made: Record<string, Uint8Array> = {}
  const keep = (name: string, path: string): void => {
    made[name] = readFileSync(path)
  }
  mkdirSync(folder, { recursive: true })
  const spec = resolveSpec({
    ...{ experiment: { kind: 'skip-tokens', skip: 2 }, model: 'm', data: { path: 'demo' } },
    ...{ prompt: { type: 'direct', tokens: 2 }, training: { steps: 4 } },
  })
  const run = await createRun(folder, spec, { name: 'a run', note: 'a note' })
  const { spec: specFile, label, state } = runFiles(run)
  keep('spec.json', specFile)
  keep('label.json', label)
  keep('state.json', state)
  const snapshot = join(folder, 'snapshot.safetensors')
  await writeSnapshot(snapshot, { metadata, parameters })
  keep('snapshot.safetensors', snapshot)
  const progress = { tokens: 9, seconds: 1, specHash: 'x', stream: { at: 3 } }
  const checkpoint = { ...progress, state: { step: 2, parameters, m: parameters, v: parameters } }
  keep(
    'checkpoint.safetensors',
    await writeCheckpoint(run, checkpoint, encodeMetadata(metadata), p => p),
  )
  const numbers = column(Float64Array.of(1, 2, 3), 3)
  const columns = join(folder, 'r.columns')
  const table = {
    mark: { inode: 1, end: 9, tail: '' },
    x: { step: numbers, tokens: numbers, time: numbers },
    tags: new Map([['Loss', { rows: numbers, y: numbers }]]),
  }
  await writeCache(columns, table, { inode: 1, size: 9, modified: 1 })
  keep('r.columns', columns)
  const logs = join(folder, 'logs')
  mkdirSync(logs)
  const scalars = Array.from({ length: 9 }, (_, step) => ({
    tag: 'Loss',
    step,
    value: 3 - step / 9,
    wall: 1e9 + step,
  }))
  await rewriteEvents(logs, scalars)
  const [name = ''] = readdirSync(logs)
  keep('events.out.tfevents', join(logs, name))
  writeFileSync(
    join(folder, 'logs.zip'),
    zipSync({ [`run/${name}`]: readFileSync(join(logs, name)) }),
  )
  keep('logs.zip', join(folder, 'logs.zip'))
  execFileSync('tar', ['-cf', join(folder, 'logs.tar'), '-C', folder, 'logs'])
  keep('logs.tar', join(folder, 'logs.tar'))
  const pgn = join(folder, 'a.pgn')
  writeFileSync(
    pgn,
    '[WhiteElo "1500"]\n[BlackElo "1600"]\n[TimeControl "300+0"]\n[Result "1-0"]\n\n1. e4 e5 2. Nf3 Nc6 1-0\n\n',
  )
  const cache = await openGameCache(pgn, {
    filter: gameFilterSchema.parse({}),
    datasets: join(folder, 'datasets'),
    limit: 10,
  })
  for (const file of readdirSync(cache.folder)) keep(file, join(cache.folder, file))
  return made
}
