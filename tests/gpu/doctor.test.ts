// The command as people run it, in a process of its own: a process can hold one libonnxruntime.so.1 only.
import { execFile } from 'node:child_process'
import { truncateSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src-worker/gpu/doctor'
import { judgeGpus } from '../../src-worker/gpu/driver'
import { nvidiaGpus } from '../../src-worker/session/nvidia'
import { onnxruntimePackage } from '../../src-worker/session/onnxruntime'
import { bundle } from '../setup/bundle.mjs'
import { temporaryFolder } from '../temporary'
import { writeTexts } from '../train/runs'
import { openIndex } from './stand-in-index'

const here = process.platform === 'linux' && process.arch === 'x64'
const { version } = onnxruntimePackage()

interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

let file = ''
beforeAll(async () => {
  file = await bundle(resolve(import.meta.dirname ?? __dirname, '../../src-worker/cli.ts'))
})

/** Runs spw with an index on the loopback as pip's setting. */
function spw(args: readonly string[], home: string, index = ''): Promise<Answer> {
  const env = { ...process.env, SPW_HOME: home, ...(index !== '' && { PIP_INDEX_URL: index }) }
  return new Promise(done => {
    execFile(process.execPath, [file, ...args], { env }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

const stepsOf = ({ out }: Answer) => {
  const { steps } = JSON.parse(out) as Diagnosis
  return Object.fromEntries(steps.map(step => [step.name, step]))
}

describe.skipIf(!here)('spw gpu', () => {
  test('doctor where nothing is installed', async () => {
    const home = temporaryFolder()
    const answer = await spw(['gpu', 'doctor', '--json'], home)
    expect(answer.code).toBe(1)
    const steps = stepsOf(answer)
    expect(steps.machine?.ok).toBe(true)
    expect(steps.installation).toMatchObject({
      ok: false,
      found: `nothing for onnxruntime-node ${version} in ${join(home, 'gpu', version)}`,
      fix: 'Run `spw gpu install`.',
    })
    expect((JSON.parse(answer.out) as Diagnosis).next).not.toBeNull()
  })

  test('install, doctor, devices and uninstall', async () => {
    const home = temporaryFolder()
    const index = await openIndex()
    const installed = await spw(['gpu', 'install'], home, index.url)
    expect(installed.err).not.toMatch(/fault|network/)
    expect(installed.out).toContain(`installed: CUDA for onnxruntime-node ${version}`)
    expect(installed.out).toMatch(/next: spw gpu doctor\n$/)
    expect(installed.code).toBe(0)

    const answer = await spw(['gpu', 'doctor', '--json'], home)
    expect(answer.code).toBe(1) // the stand-ins hold no code
    const steps = stepsOf(answer)
    for (const name of ['installation', 'provider', 'libcublasLt.so.13', 'libcurand.so.10'])
      expect(steps[name]).toMatchObject({ ok: true })
    if ((await nvidiaGpus()).length === 0) {
      expect((JSON.parse(answer.out) as Diagnosis).next).toMatch(/Install the NVIDIA driver \(580/)
      // the provider's other libraries were found without LD_LIBRARY_PATH: only the driver is missing
      expect(steps['onnxruntime computes on cuda:0']?.found).toBe(
        'CUDA does not start: libcuda.so.1 is missing, so there is no NVIDIA driver',
      )
    }

    truncateSync(join(home, 'gpu', version, 'lib', 'libcublas.so.13'), 5)
    const damaged = stepsOf(await spw(['gpu', 'doctor', '--json'], home))
    expect(damaged.installation).toMatchObject({
      ok: false,
      found: 'missing or damaged: lib/libcublas.so.13',
      fix: 'Run `spw gpu install`: that installs it again.',
    })

    const gone = await spw(['gpu', 'uninstall'], home)
    expect(gone.code).toBe(0)
    expect(gone.out).toContain(`removed ${join(home, 'gpu', version)}`)
    expect((await spw(['gpu', 'uninstall'], home)).out).toBe('nothing was installed\n')
  })

  test('the CPU computes the same with onnxruntime from the installation', async () => {
    const home = temporaryFolder()
    const index = await openIndex()
    await spw(['gpu', 'install'], home, index.url)
    const trained = 'train --model workbench-demo-base --experiment autoregressive --data'
    const small =
      '--tokens 1 --steps 2 --lanes 2 --length 32 --seed 3 --device cpu --results 0 --final-test-batches 2 --json'
    const args = [...trained.split(' '), writeTexts(temporaryFolder()), ...small.split(' ')]
    const [plain, installed] = [await spw(args, temporaryFolder()), await spw(args, home)]
    const lossOf = ({ out }: Answer) => JSON.parse(out.trim().split('\n').at(-1)!).finalTestLoss
    expect(lossOf(plain)).toEqual(expect.any(Number))
    expect(lossOf(installed)).toBe(lossOf(plain))
  })
})

const h100 = { name: 'NVIDIA H100', driver: '580.65.06', capability: 9 }
test.each([
  ['none', [], false, /nvidia-smi lists none/, /nvidia-smi/],
  ['new', [h100], true, /NVIDIA H100, driver 580/, undefined],
  ['no capability known', [{ ...h100, capability: undefined }], true, /H100/, undefined],
  [
    'old driver',
    [{ ...h100, driver: '550.1' }],
    false,
    /550\.1/,
    /Update the NVIDIA driver to 580/,
  ],
  [
    'old GPU',
    [{ ...h100, capability: 6.1 }],
    false,
    /H100/,
    /needs compute capability 7\.5, this GPU has 6\.1/,
  ],
] as const)('GPUs: %s', (_, gpus, ok, found, fix) => {
  const step = judgeGpus(gpus)
  expect(step.ok).toBe(ok)
  expect(step.found).toMatch(found)
  if (fix === undefined) expect(step.fix).toBeNull()
  else expect(step.fix).toMatch(fix)
})
