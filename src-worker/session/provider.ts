// Which device a run gets. `auto` is the first GPU where there is one, else the CPU; a GPU that is there
// but does not work is a Fault, never a silent fall back.
import { cpus, freemem, totalmem } from 'node:os'
import { Fault, type FaultData } from '../contract/fault'
import type { Device as DeviceCard } from '../contract/library'
import { nvidiaGpus } from './nvidia'
import { ortRuntime } from './ort'
import { cudaFault } from './probe'
import type { Device, Runtime } from './runtime'

export interface OpenedRuntime {
  readonly runtime: Runtime
  /** cpu, cuda:0 … */
  readonly device: string
}

export interface RuntimeOptions {
  /** threads of ONNX Runtime; 0: all cores */
  readonly threads?: number
}

export const deviceName = (device: Device): string =>
  device.kind === 'cpu' ? 'cpu' : `cuda:${device.index}`

/**
 * The runtime of a device.
 * @param spec auto, cpu, cuda or cuda:N
 * @throws Fault 'device' naming the missing library, 'usage' for another spec
 */
export async function openRuntime(
  spec: string,
  { threads = 0 }: RuntimeOptions = {},
): Promise<OpenedRuntime> {
  const device = await chooseDevice(spec)
  const runtime = ortRuntime({ device, ...(threads > 0 && { threads }) })
  return { runtime, device: deviceName(device) }
}

async function chooseDevice(spec: string): Promise<Device> {
  if (spec === 'cpu') return { kind: 'cpu' }
  if (spec === 'auto' && (await nvidiaGpus()).length === 0) return { kind: 'cpu' }
  const match = /^(?:auto|cuda)$|^cuda:(\d+)$/.exec(spec)
  if (match === null)
    throw new Fault('usage', `there is no device ${spec}`, 'Choose auto, cpu or cuda:N.')
  const index = Number(match[1] ?? 0)
  const fault = await cudaFault(index)
  if (fault !== undefined) throw fault
  return { kind: 'cuda', index }
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
    gpus.map(async ({ index, ...gpu }): Promise<DeviceCard> => {
      const fault: FaultData | null = (await cudaFault(index))?.toData() ?? null
      return { id: `cuda:${index}`, ...gpu, fault }
    }),
  )
  return [cpu, ...cards]
}
