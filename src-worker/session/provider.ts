// Which device a run gets. `auto` is the first GPU where there is one, else the CPU; a GPU that is there
// but does not work is a Fault, never a silent fall back.
import { cpus, freemem, totalmem } from 'node:os'
import { productsOf } from '../contract/cuda-environment'
import { Fault, type FaultData } from '../contract/fault'
import type { Device as DeviceCard } from '../contract/library'
import { type Precision, precisionSchema } from '../contract/run-spec'
import { type Gpu, nvidiaGpus } from './nvidia'
import { ortRuntime } from './ort'
import { cudaFault } from './probe'
import { settleProducts } from './products'
import type { Device, Runtime } from './runtime'

export interface OpenedRuntime {
  readonly runtime: Runtime
  /** cpu, cuda:0 … */
  readonly device: string
}

export interface RuntimeOptions {
  /** threads of ONNX Runtime; 0: all cores */
  readonly threads?: number
  /** of the products; the CPU computes float32 only */
  readonly precision?: Precision
  /** see SessionOptions */
  readonly log?: boolean
}

export const deviceName = (device: Device): string =>
  device.kind === 'cpu' ? 'cpu' : `cuda:${device.index}`

/**
 * The runtime of a device.
 * @param spec auto, cpu, cuda or cuda:N
 * @throws Fault 'device' naming the missing library, or the precision that is not to be had; 'usage' for another spec
 */
export async function openRuntime(
  spec: string,
  { threads = 0, precision = 'float32', log = false }: RuntimeOptions = {},
): Promise<OpenedRuntime> {
  const device = await chooseDevice(spec, precision)
  const runtime = ortRuntime({ device, log, ...(threads > 0 && { threads }) })
  return { runtime, device: deviceName(device) }
}

async function chooseDevice(spec: string, precision: Precision): Promise<Device> {
  const gpus = spec === 'cpu' ? [] : await nvidiaGpus()
  if (spec === 'cpu' || (spec === 'auto' && gpus.length === 0)) {
    checkPrecision(precision, undefined)
    return { kind: 'cpu' }
  }
  const match = /^(?:auto|cuda)$|^cuda:(\d+)$/.exec(spec)
  if (match === null)
    throw new Fault('usage', `there is no device ${spec}`, 'Choose auto, cpu or cuda:N.')
  const index = Number(match[1] ?? 0)
  // before the probe, which loads CUDA
  settleProducts(productsOf(precision))
  const fault = await cudaFault(index)
  if (fault !== undefined) throw fault
  const gpu = gpus.find(g => g.index === index)
  if (gpu !== undefined) checkPrecision(precision, gpu)
  return { kind: 'cuda', index }
}

/** Tensor cores know TF32 and bfloat16 from compute capability 8.0 (Ampere) on. */
const newerOnly: ReadonlySet<Precision> = new Set(['tf32', 'bfloat16'])
const ampere = 8

/** @param gpu undefined: the CPU */
export function checkPrecision(
  precision: Precision,
  gpu: Pick<Gpu, 'index' | 'name' | 'capability'> | undefined,
): void {
  if (gpu === undefined && precision !== 'float32')
    throw new Fault(
      'device',
      `precision ${precision} needs a CUDA device, this run is on the CPU`,
      'Choose precision float32.',
    )
  const { capability = ampere, name = '', index = 0 } = gpu ?? {}
  if (newerOnly.has(precision) && capability < ampere)
    throw new Fault(
      'device',
      `precision ${precision} needs compute capability 8.0, cuda:${index} (${name}) has ${capability.toFixed(1)}`,
      'Choose precision float16 or float32.',
    )
}

/** The precisions that a device has, as far as is known without opening it. */
export async function precisionsOf(spec: string): Promise<readonly Precision[]> {
  const gpus = spec === 'cpu' ? [] : await nvidiaGpus()
  if (spec === 'cpu' || (spec === 'auto' && gpus.length === 0)) return ['float32']
  const index = Number(/\d+$/.exec(spec)?.[0] ?? 0)
  const { capability = ampere } = gpus.find(g => g.index === index) ?? {}
  return precisionSchema.options.filter(p => capability >= ampere || !newerOnly.has(p))
}

/** The CPU and every GPU, each with the fault that keeps it from being used. */
export async function listDevices(): Promise<readonly DeviceCard[]> {
  const cores = cpus()
  const cpu: DeviceCard = {
    id: 'cpu',
    name: `${cores[0]?.model.trim() ?? 'CPU'} (${cores.length} cores)`,
    memoryBytes: totalmem(),
    freeBytes: freemem(),
    driver: '',
    fault: null,
  }
  const gpus = await nvidiaGpus()
  const cards = await Promise.all(
    gpus.map(async ({ index, name, memoryBytes, freeBytes, driver }): Promise<DeviceCard> => {
      const fault: FaultData | null = (await cudaFault(index))?.toData() ?? null
      return { id: `cuda:${index}`, name, memoryBytes, freeBytes, driver, fault }
    }),
  )
  return [cpu, ...cards]
}
