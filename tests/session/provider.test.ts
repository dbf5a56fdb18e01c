import { expect, test } from 'vitest'
import { type Gpu, parseGpus, visibleGpus } from '../../src-worker/session/nvidia'
import { threadsAllowed } from '../../src-worker/session/ort'
import { toFault } from '../../src-worker/session/probe'
import { checkPrecision, listDevices, openRuntime } from '../../src-worker/session/provider'

test('auto is the CPU on a machine without a GPU, and devices lists it', async () => {
  const devices = await listDevices()
  expect(devices[0]).toMatchObject({ id: 'cpu', fault: null })
  if (devices.length === 1) expect((await openRuntime('auto')).device).toBe('cpu')
})

test('cuda without its libraries is a fault that says how to get them, never the CPU', async () => {
  const gpus = (await listDevices()).slice(1)
  if (gpus.length > 0) return
  await expect(openRuntime('cuda:0')).rejects.toMatchObject({
    code: 'device',
    message: expect.stringMatching(/lib[\w.]+ is missing/),
  })
})

test('a device that does not exist', async () => {
  await expect(openRuntime('tpu')).rejects.toMatchObject({
    code: 'usage',
    fix: 'Choose auto, cpu or cuda:N.',
  })
})

const loading = 'Failed to load library /x/libonnxruntime_providers_cuda.so with error: '
test.each([
  [
    `${loading}libcublasLt.so.13: cannot open shared object file`,
    /libcublasLt\.so\.13 is missing/,
    /spw gpu install/,
  ],
  [`${loading}libcuda.so.1: cannot open shared object file`, /no NVIDIA driver/, /driver \(580/],
  [
    'Failed to load shared library: libonnxruntime_providers_shared.so: cannot open shared object file',
    /libonnxruntime_providers_shared\.so is missing/,
    /spw gpu install/,
  ],
  [
    'CUDA failure 100: no CUDA-capable device is detected',
    /finds no GPU/,
    /nvidia-smi.*CUDA_VISIBLE_DEVICES.*--device cpu/,
  ],
  ['CUDA failure 101: invalid device ordinal', /no such GPU/, /spw devices/],
  ['CUDA failure 35: CUDA driver version is insufficient', /too old/, /driver \(580/],
  ['something else', /does not start: something else/, /spw gpu doctor/],
])('%s', (said, message, fix) => {
  const fault = toFault(said)
  expect(fault.message).toMatch(message)
  expect(fault.fix).toMatch(fix)
})

test('nvidia-smi is understood', () => {
  expect(parseGpus('0, NVIDIA H100 80GB HBM3, 81559, 81000, 580.65.06, 9.0, GPU-5e1c\n')).toEqual([
    {
      index: 0,
      name: 'NVIDIA H100 80GB HBM3',
      memoryBytes: 81559 * 1024 ** 2,
      freeBytes: 81000 * 1024 ** 2,
      driver: '580.65.06',
      capability: 9,
      uuid: 'GPU-5e1c',
    },
  ])
})

test.each(['tf32', 'bfloat16', 'float16'] as const)('%s on the CPU is a fault', async precision => {
  await expect(openRuntime('cpu', { precision })).rejects.toMatchObject({
    code: 'device',
    message: `precision ${precision} needs a CUDA device, this run is on the CPU`,
    fix: 'Choose precision float32.',
  })
})

test('TF32 and bfloat16 need Ampere; where the capability is unknown they are tried', () => {
  const turing = { index: 1, name: 'NVIDIA T4', capability: 7.5 }
  for (const precision of ['tf32', 'bfloat16'] as const)
    expect(() => checkPrecision(precision, turing)).toThrow(
      `precision ${precision} needs compute capability 8.0, cuda:1 (NVIDIA T4) has 7.5`,
    )
  for (const precision of ['float32', 'float16'] as const) checkPrecision(precision, turing)
  checkPrecision('tf32', { ...turing, capability: undefined })
  checkPrecision('bfloat16', { ...turing, capability: 8 })
})

test.each([
  [undefined, ['0 a', '1 b', '2 c']],
  ['', []],
  ['-1', []],
  ['1', ['0 b']],
  ['2, 0', ['0 c', '1 a']],
  ['2,7,0', ['0 c']],
  ['GPU-b', ['0 b']],
  ['MIG-5e1c', ['0 a', '1 b', '2 c']],
])('CUDA_VISIBLE_DEVICES=%s renumbers what nvidia-smi lists', (variable, expected) => {
  const gpu = (name: string, index: number): Gpu => ({
    index,
    name,
    memoryBytes: 1,
    freeBytes: 1,
    driver: '580',
    capability: 9,
    uuid: `GPU-${name}0`,
  })
  const seen = visibleGpus(['a', 'b', 'c'].map(gpu), variable)
  expect(seen.map(({ index, name }) => `${index} ${name}`)).toEqual(expected)
})

test('threads of a session: what SPW_THREADS says, else left to ONNX Runtime', () => {
  expect(threadsAllowed({})).toBeUndefined()
  expect(threadsAllowed({ SPW_THREADS: '3' })).toBe(3)
  for (const wrong of ['0', '1.5', 'all', '-2'])
    expect(() => threadsAllowed({ SPW_THREADS: wrong })).toThrow(`SPW_THREADS is "${wrong}"`)
})
