// Killed again and again, at moments nobody chose, a run becomes the one that was never killed: bit for bit.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rng } from '../../src-worker/stream/rng'
import { createRun, readSummary, runFiles } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { losses, runToEnd, tensorHash, tinySpec, writeTexts } from '../train/runs'
import { spw, start } from './spw'

const kills = 6

test('kill -9 while starting, writing checkpoints, testing, sampling', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home), { training: { steps: 120, checkpointEvery: 2 } })
  const whole = await createRun(home, spec)
  expect((await runToEnd(whole, home)).state).toEqual({ kind: 'done' })
  const killed = await createRun(home, spec)
  const random = rng(3, 'kills')
  for (let i = 0; i < kills; i++) {
    const { child, said, ended } = await start(home, 'resume', killed)
    while (said() === '') await sleep(10)
    await sleep(1500 * random.uniform())
    child.kill('SIGKILL')
    await ended
    const { kind } = (await readSummary(killed, new Set())).state
    expect(['queued', 'interrupted', 'done']).toContain(kind)
  }
  const { code, err } = await spw(home, 'resume', killed)
  expect(code, err).toBe(0)
  const last = join('checkpoints', 'step-000120.safetensors')
  expect(tensorHash(join(killed, last))).toBe(tensorHash(join(whole, last)))
  expect(losses(killed)).toEqual(losses(whole))
  const text = (folder: string): string => readFileSync(runFiles(folder).results, 'utf8')
  expect(text(killed)).toBe(text(whole))
}, 120_000)
