// Invented runs: one trains, some wait, the others ended each in its own way.
import { runSpecSchema } from '../../src-worker/contract/run-spec'
import { tell } from './engine-double'

const lengths = [1, 4, 16, 64, 0]
const models = ['EleutherAI/pythia-70m-deduped', 'EleutherAI/pythia-160m-deduped']

const spec = (i: number) =>
  runSpecSchema.parse({
    experiment: i % 3 === 0 ? { kind: 'skip-tokens', skip: 2 } : { kind: 'autoregressive' },
    model: models[i % 2],
    data: { path: '/data/redpajama_v2_sample.json.gz', field: 'raw_content' },
    prompt:
      lengths[i % 5] === 0
        ? { type: 'none' }
        : { type: 'direct', tokens: lengths[i % 5], init: { kind: 'zero' } },
    training: { steps: 1536, lanes: 32, accumulation: 2, length: 256 },
    seed: Math.floor(i / 5) % 3,
  })

const kinds = [
  'training',
  'queued',
  'queued',
  'done',
  'done',
  'done',
  'paused',
  'failed',
  'interrupted',
  'stopped',
]
const fault = {
  code: 'diverged',
  message: 'The loss at step 310 is not finite (learning rate 0.5).',
  fix: 'Lower the learning rate and resume from step 256.',
}
const lossAt = (i: number, step: number) =>
  2.85 + 0.06 * (i % 5) + 0.5 * Math.exp(-step / 300) + 0.04 * Math.sin(step * 12.9898 + i)

// biome-ignore lint/suspicious/noExplicitAny: the double bends summaries freely
const runs: any[] = Array.from({ length: 48 }, (_, i) => {
  const kind = i < 10 ? kinds[i] : 'done'
  const step = kind === 'queued' ? 0 : kind === 'done' ? 1536 : 300 + 40 * i
  const metric = (last: number) => ({ last, min: last - 0.02, max: last + 0.5, lastStep: step })
  return {
    id: `run-${i}`,
    folder: `/home/me/.local/share/workbench/runs/2026-11-24-run-${i}`,
    name: '',
    note: i === 4 ? 'looks converged' : '',
    colour: i === 5 ? 3 : 0,
    sweep: i < 20 ? 'sweep-1' : '',
    readOnly: i === 47,
    createdAt: new Date(Date.now() - i * 5e6).toISOString(),
    updatedAt: new Date(Date.now() - i * 4e6).toISOString(),
    spec: spec(i),
    behaviour: i % 3 === 0 ? 'skip 2' : 'autoregressive',
    state: kind === 'failed' ? { kind, fault } : { kind },
    step,
    trainingSeconds: step * 0.55,
    secondsLeft: kind === 'training' ? 372 : null,
    metrics:
      step === 0
        ? {}
        : {
            Loss: metric(lossAt(i, step)),
            'Test Loss': metric(lossAt(i, step) + 0.02),
            'Gradient norm': metric(0.41),
            'Tokens per second': metric(3912),
            'Memory bytes': metric(1.8e9),
            ...(kind === 'done' ? { 'Final Test Loss Average': metric(lossAt(i, 2000)) } : {}),
          },
    restarts: i === 3 ? [512] : [],
  }
})

const metricAt = (tag: string, i: number, step: number) =>
  tag === 'Loss'
    ? lossAt(i, step)
    : tag === 'Test Loss'
      ? lossAt(i, step) + 0.02
      : tag === 'Gradient norm'
        ? 0.4 + 0.8 * Math.exp(-step / 200) + 0.05 * Math.sin(step)
        : tag === 'Learning rate'
          ? 1e-3
          : tag === 'Tokens per second'
            ? 3900 + 60 * Math.sin(step / 9)
            : tag === 'Memory bytes'
              ? 1.8e9
              : lossAt(i, 2000)

const xOf = (x: string, step: number) =>
  x === 'step' ? step : x === 'tokens' ? step * 8192 : step * 0.55

function series({
  runs: ids,
  tags,
  x,
  smoothing,
}: {
  runs: string[]
  tags: string[]
  x: string
  smoothing: number
}) {
  return ids.flatMap(run =>
    tags.map(tag => {
      const i = Number(run.slice(4))
      const stride = tag === 'Test Loss' ? 32 : 4
      const steps = Array.from(
        { length: Math.floor((runs[i]?.step ?? 0) / stride) },
        (_, k) => (k + 1) * stride,
      )
      const y = steps.map(step => metricAt(tag, i, step))
      let moving = 0
      const smooth = y.map((v, k) => {
        moving = smoothing * moving + (1 - smoothing) * v
        return moving / (1 - smoothing ** (k + 1))
      })
      return {
        run,
        tag,
        x: steps.map(s => xOf(x, s)),
        y,
        smooth,
        notFinite: i === 7 ? [xOf(x, 310)] : [],
        restarts: (runs[i]?.restarts ?? []).map((s: number) => xOf(x, s)),
        points: y.length,
      }
    }),
  )
}

setInterval(() => {
  const run = runs[0]
  if (run.state.kind !== 'training') return
  run.step += 4
  run.secondsLeft -= 2
  const values = Object.fromEntries(
    ['Loss', 'Gradient norm', 'Tokens per second'].map(tag => [tag, metricAt(tag, 0, run.step)]),
  )
  run.metrics = {
    ...run.metrics,
    Loss: { last: values.Loss, min: values.Loss, max: 3.4, lastStep: run.step },
  }
  tell('metrics', [
    {
      run: run.id,
      lines: [
        {
          step: run.step,
          wall: Date.now(),
          seconds: run.step * 0.55,
          tokens: run.step * 8192,
          values,
        },
      ],
    },
  ])
  tell('runsChanged', { runs: [{ ...run }], gone: [] })
}, 400)

const change = (id: string, state: object) => {
  const i = Number(id.slice(4))
  runs[i] = { ...runs[i], state }
  tell('runsChanged', { runs: [runs[i]], gone: [] })
  return null
}
const text = 'The town hall was built in 1893 and the clock was added when the railway came.'

export const answers = {
  runs: () => runs,
  series,
  run: ({ id }: { id: string }) => {
    const summary = runs[Number(id.slice(4))]
    if (!summary)
      throw { code: 'not-found', message: `There is no run ${id}.`, fix: 'Go back to the list.' }
    return {
      summary,
      provenance: {
        createdAt: summary.createdAt,
        versions: { app: '0.1.0', 'onnxruntime-node': '1.30.0', node: '20.20.2' },
        host: { platform: 'linux x64', cpu: 'Xeon', cores: 2, memoryBytes: 24e9 },
        device: 'cpu',
        commandLine: ['spw', 'run', 'spec.json'],
        gitRevision: '6c46bb7',
        model: {
          id: summary.spec.model,
          path: '/models/x',
          files: { 'model.safetensors': 'ab12'.repeat(16) },
        },
        dataset: {
          path: summary.spec.data.path,
          fingerprint: '9f'.repeat(20),
          heldOut: '5 % by document hash',
        },
        specHash: 'cd34'.repeat(16),
      },
      checkpoints: [512, 256, 128].map(step => ({
        step,
        path: `/runs/${id}/checkpoints/step-${step}.safetensors`,
        bytes: 98304,
        quickTest: step === 256 ? null : lossAt(0, step),
        fullTest: step === 512 ? lossAt(0, step) : null,
        trainLoss: lossAt(0, step),
      })),
      snapshot: summary.state.kind === 'done' ? `/runs/${id}/snapshot.safetensors` : null,
      evaluations: [],
      bits: null,
      dataReport: { documents: 4210, skipped: { empty: 3 } },
    }
  },
  results: () =>
    Array.from({ length: 12 }, (_, i) => ({
      id: String(i),
      group: i < 6 ? 'plain' : 'code',
      label: `prompt ${i + 1}`,
      prompt: 'The quick brown fox jumps',
      softPromptAt: 'start',
      conditions: [],
      baseline: ', the quick brown fox jumps, the',
      prompted: ` over the fence and into the yard, where the dog (${i})`,
      expected: text,
    })),
  runLog: () =>
    Array.from(
      { length: 40 },
      (_, i) => `08:0${i % 10}:12 step ${i * 32} loss ${lossAt(0, i * 32).toFixed(4)}`,
    ),
  runCommand: () =>
    'spw run --experiment autoregressive --model pythia-160m-deduped --tokens 16 --steps 1536 --seed 5',
  pauseRun: ({ id }: { id: string }) => change(id, { kind: 'paused' }),
  stopRun: ({ id }: { id: string }) => change(id, { kind: 'stopped' }),
  resumeRun: ({ id }: { id: string }) => change(id, { kind: 'training' }),
  forkRun: () => ({ run: 'run-1' }),
  editRun: ({ id, ...rest }: { id: string }) => Object.assign(runs[Number(id.slice(4))], rest),
  renameSweep: () => null,
  trashRuns: ({ ids }: { ids: string[] }) => {
    tell('runsChanged', { runs: [], gone: ids })
    return null
  },
  restoreRuns: ({ ids }: { ids: string[] }) => {
    tell('runsChanged', { runs: runs.filter(r => ids.includes(r.id)), gone: [] })
    return null
  },
  exportMetrics: () => 'run,step\n',
}
