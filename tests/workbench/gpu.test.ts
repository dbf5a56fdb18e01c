// CUDA through the contract, with a package index on the loopback: installed, examined, removed, stopped.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nvidiaGpus } from '../../src-worker/session/nvidia'
import { onnxruntimePackage } from '../../src-worker/session/onnxruntime'
import { installReporter } from '../../src-worker/workbench/gpu'
import { openIndex } from '../gpu/stand-in-index'
import { temporaryFolder } from '../temporary'
import { openEngine } from './open-engine'

const here = process.platform === 'linux' && process.arch === 'x64'
const { version } = onnxruntimePackage()
type Engine = Awaited<ReturnType<typeof openEngine>>

const progressOf = ({ events }: Engine) =>
  events.flatMap(([name, data]) =>
    name === 'progress' ? [data as { request: string; doing: string; fraction: number }] : [],
  )

describe.skipIf(!here)('on Linux x64', () => {
  test('before: what there is, and what it would take', async () => {
    const home = temporaryFolder()
    const state = await (await openEngine(home)).call('gpuState', {})
    expect(state).toMatchObject({
      machine: null,
      installation: { kind: 'none' },
      folder: join(home, 'gpu', version),
      downloadBytes: 830e6,
      busy: false,
      restartNeeded: false,
    })
    expect(state.gpus).toEqual((await nvidiaGpus()).map(gpu => gpu.name))
    expect(state.freeDiskBytes).toBeGreaterThan(0)
  })

  test('installed with progress, examined by a fresh process, removed', async () => {
    const home = temporaryFolder()
    const index = await openIndex()
    const engine = await openEngine(home)
    const installing = engine.call('installGpu', { index: index.url })
    await expect(engine.call('installGpu', { index: index.url })).rejects.toMatchObject({
      code: 'busy',
      message: 'CUDA is being installed or removed',
    })
    expect((await engine.call('gpuState', {})).busy).toBe(true)
    const state = await installing
    expect(state.installation).toMatchObject({
      kind: 'whole',
      packages: expect.arrayContaining([`onnxruntime-gpu ${version}`, 'nvidia-cublas 13.10.0.20']),
    })
    const reported = progressOf(engine)
    expect(reported.every(p => p.request === 'gpu')).toBe(true)
    expect(reported[0]?.doing).toBe('asking the package index')
    expect(reported.at(-1)).toEqual({ request: 'gpu', doing: '', fraction: 1 })

    const { steps, ok } = await engine.call('gpuDoctor', {})
    expect(ok).toBe(false) // the stand-ins hold no code
    expect(steps.find(s => s.name === 'installation')).toMatchObject({ ok: true, fix: null })
    expect(steps.find(s => s.name === 'libcublas.so.13')?.ok).toBe(true)

    expect((await engine.call('uninstallGpu', {})).freedBytes).toBeGreaterThan(1000)
    expect((await engine.call('gpuState', {})).installation).toEqual({ kind: 'none' })
    expect(readdirSync(home)).not.toContain('gpu')
  })

  test('stopped: what was fetched is kept, and it goes on', async () => {
    const home = temporaryFolder()
    // each answer breaks off, so that there is time to stop
    const index = await openIndex({ drops: { after: 20_000, times: 100 } })
    const engine = await openEngine(home)
    const installing = engine.call('installGpu', { index: index.url })
    const refused = expect(installing).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => index.asked.some(a => a.includes('cublas-13.10'))).toBe(true)
    await engine.call('cancel', { request: 'gpu' })
    await refused
    expect((await engine.call('gpuState', {})).installation).toEqual({ kind: 'unfinished' })
    index.manners = {}
    const before = index.asked.length
    const done = await engine.call('installGpu', { index: index.url })
    expect(done.installation.kind).toBe('whole')
    const again = index.asked.slice(before)
    expect(again.some(a => a.includes('onnxruntime_gpu'))).toBe(false)
    expect(again.some(a => /cublas-13\.10.* bytes=[1-9]/.test(a))).toBe(true)
  })
})

test('an index that cannot be reached is a fault, and the end is reported', async () => {
  const engine = await openEngine(temporaryFolder())
  const call = engine.call('installGpu', { index: 'http://127.0.0.1:9/simple' })
  await expect(call).rejects.toMatchObject({ code: here ? 'network' : 'device' })
  expect(progressOf(engine).at(-1)?.doing).toBe('')
})

test('progress: what it is at, and the share of what is expected', () => {
  const reported: (readonly [string, number])[] = []
  const report = installReporter((...words) => reported.push(words))
  const what = 'nvidia-cublas 13.10'
  report({ doing: 'downloading', what, doneBytes: 415e6, totalBytes: 500e6 })
  expect(reported).toEqual([['downloading nvidia-cublas 13.10: 415 MB of 500 MB', 0.5]])
})
