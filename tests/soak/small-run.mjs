// The small run that a soak disturbs: its data, its command line, and what must be the same each time it ends.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const words = 'the of and to in a was it that he his had with as for on at be by him'.split(' ')
const text = i => Array.from({ length: 40 }, (_, k) => words[(i * 7 + k * k * 3) % words.length])

export function writeTexts(folder) {
  const texts = join(folder, 'texts.jsonl')
  writeFileSync(
    texts,
    Array.from({ length: 120 }, (_, i) =>
      JSON.stringify({ text: `${i} ${text(i).join(' ')}` }),
    ).join('\n'),
  )
  return texts
}

const model = resolve('tests/reference/models/tiny-neox')
/** of the run, and of the runs of the queue */
const seeds = ['5', '6', '7']
const flags = {
  '--experiment': 'autoregressive',
  '--model': model,
  '--tokens': '3',
  '--steps': '60',
  '--lanes': '4',
  '--length': '24',
  '--test-every': '8',
  '--checkpoint-every': '2',
  '--final-test-batches': '2',
  '--results': '3',
  '--result-tokens': '5',
  '--metric-samples': '4',
  '--device': 'cpu',
}
const command = (what, texts, name) => [
  what,
  ...Object.entries(flags).flat(),
  ...['--data', texts, '--name', name, '--seed'],
]
export const trainCommand = (texts, name) => [...command('train', texts, name), '5']
export const sweepCommand = (texts, name) => [...command('sweep', texts, name), ...seeds]

export const snapshotOf = run => join(run, 'checkpoints/step-000060.safetensors')

/** What a finished run must share with every other of its spec: the trained numbers, its losses, its texts. */
export function outcome(run) {
  const file = readFileSync(snapshotOf(run))
  const tensors = file.subarray(8 + Number(file.readBigUInt64LE(0)))
  const clockless = [
    'Loss',
    'Gradient norm',
    'Test Loss',
    'Trained token count',
    'Final Test Loss Average',
  ]
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const losses = lines.map(({ step, values }) => [
    step,
    ...clockless.map(tag => values[tag] ?? null),
  ])
  const results = readFileSync(join(run, 'results.jsonl'), 'utf8')
  return createHash('sha256')
    .update(tensors)
    .update(JSON.stringify(losses))
    .update(results)
    .digest('hex')
}
