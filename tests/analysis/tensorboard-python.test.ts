// The real tensorboard package reads what we write, and we read what it writes. Needs python3 and PyPI (kept in .cache);
// without them the tests are skipped and say why.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { eventFiles, eventWriter } from '../../src-worker/analysis/tensorboard'
import type { Scalar } from '../../src-worker/analysis/tensorboard-event'
import { readEvents } from '../../src-worker/analysis/tensorboard-import'
import { pythonWith } from '../python-packages'

const scratch = mkdtempSync(join(tmpdir(), 'spw-tensorboard-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
function fresh(name: string): string {
  mkdirSync(join(scratch, name))
  return join(scratch, name)
}

const scalar = (tag: string, step: number, value: number): Scalar => ({
  tag,
  step,
  value,
  wall: 1_700_000_000_123 + (step % 1000),
})
const losses = Array.from({ length: 40 }, (_, step) => scalar('Loss', step, 3 / (step + 1)))

describe('the real tensorboard package', () => {
  const folder = resolve(import.meta.dirname, '../../.cache/tensorboard')
  const found = pythonWith(folder, ['tensorboard==2.20.0', 'setuptools<81'])
  const python = 'python' in found ? found.python : ''
  const missing = 'missing' in found ? found.missing : undefined

  const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0}); a.Reload()
print(json.dumps({t: [[e.step, e.value, e.wall_time] for e in a.Scalars(t)] for t in a.Tags()['scalars']}))`

  test('reads every scalar that we write', async context => {
    if (missing !== undefined) context.skip(missing)
    const folder = fresh('for-python')
    const writer = eventWriter(folder)
    writer.append([...losses, scalar('Größe', 2 ** 33, 0.1)])
    writer.close()
    const seen = JSON.parse(execFileSync(python, ['-c', script, folder], { encoding: 'utf8' }))
    const ours = Object.fromEntries(
      [...readEvents(readFileSync(join(folder, eventFiles(folder)[0] ?? ''))).scalars].map(
        ([tag, s]) => [tag, s.steps.map((step, i) => [step, s.values[i], (s.wall[i] ?? 0) / 1000])],
      ),
    )
    expect(seen).toEqual(ours)
    expect(seen.Loss).toHaveLength(40)
  }, 150_000)

  test('we read what it writes as tensors (TensorFlow 2 style)', async context => {
    if (missing !== undefined) context.skip(missing)
    const folder = fresh('from-python')
    const write = `
import sys
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
w = EventFileWriter(sys.argv[1])
for step in range(3):
    for pb in (scalar_pb('acc', 0.25 * step), histogram_pb('h', np.arange(4.0))):
        e = Event(step=step, wall_time=1.5 + step); e.summary.CopyFrom(pb); w.add_event(e)
    e = Event(step=step, wall_time=1.5 + step); e.summary.CopyFrom(scalar_pb('double', 0))
    e.summary.value[0].tensor.CopyFrom(tensor_util.make_tensor_proto(np.float64(0.1 * step)))
    if step > 0: e.summary.value[0].ClearField('metadata')
    w.add_event(e)
w.close()`
    execFileSync(python, ['-c', write, folder])
    const log = readEvents(readFileSync(join(folder, eventFiles(folder)[0] ?? '')))
    expect(log.problems).toEqual([])
    expect(Object.fromEntries(log.scalars)).toEqual({
      acc: { steps: [0, 1, 2], values: [0, 0.25, 0.5], wall: [1500, 2500, 3500] },
      double: { steps: [0, 1, 2], values: [0, 0.1, 0.2], wall: [1500, 2500, 3500] },
    })
  }, 150_000)
})
