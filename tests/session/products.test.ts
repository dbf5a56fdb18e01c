// Float32 or TF32: what a process was told, what CUDA's libraries see of it, and who may still change it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCarrier } from '../../src-main/engine-carrier'
import { enterCudaEnvironment, productsIn } from '../../src-worker/contract/cuda-environment'
import { settleProducts } from '../../src-worker/session/products'
import { productsOn } from '../../src-worker/train/provenance'
import { carrierOf, startRunCarrier } from '../../src-worker/workbench/run-carrier'
import { temporaryFolder } from '../temporary'

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

/** Tells what getenv says in its process, whatever thread it runs in: a report reads the C environment. */
function script(): string {
  const file = join(temporaryFolder(), 'ask.cjs')
  writeFileSync(
    file,
    `const { parentPort } = require('node:worker_threads')
  const { NVIDIA_TF32_OVERRIDE: tf32, CUDA_DEVICE_ORDER: order } = process.report.getReport().environmentVariables
  const told = { tf32, order, copy: process.env.NVIDIA_TF32_OVERRIDE }
  if (parentPort) parentPort.postMessage(told)
  else process.send(told, () => process.disconnect())`,
  )
  return file
}
const strict = { tf32: '0', order: 'PCI_BUS_ID', copy: '0' }

test.each(['thread', 'process'] as const)(
  "an engine's %s computes float32 as float32",
  async kind => {
    delete process.env.NVIDIA_TF32_OVERRIDE
    const { port } = startCarrier(script())(kind)
    expect(await new Promise(told => port.receive(told))).toEqual(strict)
  },
)

test.each([
  { place: 'cuda:0', precision: 'float32', kind: 'thread', told: strict },
  { place: 'cuda:1', precision: 'bfloat16', kind: 'thread', told: strict },
  { place: 'cuda:1', precision: 'tf32', kind: 'tf32 process', told: { order: 'PCI_BUS_ID' } },
] as const)('a run of $precision on $place lives in a $kind that is told so', async c => {
  enterCudaEnvironment('float32', process.env) // as every engine does
  const kind = carrierOf(c.place, c.precision)
  expect(kind).toBe(c.kind)
  const { events } = startRunCarrier(script(), kind)
  expect(await new Promise(told => events.once('message', told))).toEqual(c.told)
})

test('provenance tells what CUDA was told, not what was asked for', () => {
  enterCudaEnvironment('float32', process.env)
  expect(productsOn('cuda:0', 'float32')).toEqual({ model: 'float32', float32: 'float32' })
  expect(productsOn('cuda:0', 'bfloat16')).toEqual({ model: 'bfloat16', float32: 'float32' })
  enterCudaEnvironment('tf32', process.env)
  expect(productsOn('cuda:0', 'tf32')).toEqual({ model: 'tf32', float32: 'tf32' })
  expect(productsOn('cpu', 'float32')).toEqual({ model: 'float32', float32: 'float32' })
})
