// Float32 or TF32: what a process was set to, what CUDA's libraries see of it, and who may still change it.
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { startEngine } from '../../src-main/engine-connection'
import { enterCudaEnvironment, productsIn } from '../../src-worker/contract/cuda-environment'
import type { Started } from '../../src-worker/ports/start'
import { settleProducts } from '../../src-worker/session/products'
import { productsOn } from '../../src-worker/train/provenance'
import { placeOfRun } from '../../src-worker/workbench/run-place'
import { startTraining } from '../../src-worker/workbench/runner'
import type { EchoTable } from '../ports/echo'
import { bundle } from '../setup/bundle.mjs'

test.each([
  {
    wanted: 'float32',
    env: { NVIDIA_TF32_OVERRIDE: '0' },
    mainThread: false,
    loaded: true,
    to: 'float32',
  },
  { wanted: 'tf32', env: {}, mainThread: false, loaded: true, to: 'tf32' },
  { wanted: 'float32', env: {}, mainThread: true, loaded: false, to: 'float32' },
  {
    wanted: 'float32',
    env: { NVIDIA_TF32_OVERRIDE: '1' },
    mainThread: true,
    loaded: false,
    to: 'float32',
  },
  {
    wanted: 'tf32',
    env: { NVIDIA_TF32_OVERRIDE: '0' },
    mainThread: true,
    loaded: false,
    to: 'tf32',
  },
  // CUDA has read its environment, or this thread cannot change what CUDA will read
  { wanted: 'float32', env: {}, mainThread: true, loaded: true, to: 'fault' },
  { wanted: 'float32', env: {}, mainThread: false, loaded: false, to: 'fault' },
  {
    wanted: 'tf32',
    env: { NVIDIA_TF32_OVERRIDE: '0' },
    mainThread: true,
    loaded: true,
    to: 'fault',
  },
] as const)('$wanted: $env, main thread $mainThread, loaded $loaded: $to', c => {
  const here = { ...c, env: { ...c.env } as NodeJS.ProcessEnv }
  if (c.to === 'fault') {
    const found = productsIn(here.env)
    expect(() => settleProducts(c.wanted, here)).toThrow(
      `this process computes ${found} products on GPUs, this run asks for ${c.wanted}`,
    )
    expect(productsIn(here.env)).toBe(found)
    return
  }
  settleProducts(c.wanted, here)
  expect(productsIn(here.env)).toBe(c.to)
})

/** What getenv says in that thread or process. */
const seenBy = (started: object): Promise<unknown> =>
  (started as unknown as Started<EchoTable>).call.cudaVariables()
const echo = await bundle(resolve(import.meta.dirname, '../ports/echo.ts'))
const strict = { tf32: '0', order: 'PCI_BUS_ID', copy: '0' }

test.each(['thread', 'process'] as const)(
  "an engine's %s computes float32 as float32",
  async kind => {
    delete process.env.NVIDIA_TF32_OVERRIDE
    const engine = startEngine(echo, kind, { events: () => undefined })
    expect(await seenBy(engine)).toEqual(strict)
    await engine.end()
  },
)

test.each([
  { device: 'cpu', precision: 'float32', apart: false, place: 'thread', seen: strict },
  { device: 'cpu', precision: 'float32', apart: true, place: 'process', seen: strict },
  { device: 'cuda:0', precision: 'float32', apart: true, place: 'thread', seen: strict },
  { device: 'cuda:1', precision: 'bfloat16', apart: false, place: 'thread', seen: strict },
  {
    device: 'cuda:1',
    precision: 'tf32',
    apart: false,
    place: 'tf32 process',
    seen: { order: 'PCI_BUS_ID' },
  },
] as const)('a run of $precision on $device lives in a $place that is set so', async c => {
  enterCudaEnvironment('float32', process.env) // as every engine does
  const place = placeOfRun(c.device, c.precision, c.apart)
  expect(place).toBe(c.place)
  const training = startTraining(echo, place, { update: () => undefined })
  expect(await seenBy(training)).toEqual(c.seen)
  await training.end()
})

test('provenance says what CUDA was set to, not what was requested', () => {
  enterCudaEnvironment('float32', process.env)
  expect(productsOn('cuda:0', 'float32')).toEqual({ model: 'float32', float32: 'float32' })
  expect(productsOn('cuda:0', 'bfloat16')).toEqual({ model: 'bfloat16', float32: 'float32' })
  enterCudaEnvironment('tf32', process.env)
  expect(productsOn('cuda:0', 'tf32')).toEqual({ model: 'tf32', float32: 'tf32' })
  expect(productsOn('cpu', 'float32')).toEqual({ model: 'float32', float32: 'float32' })
})
