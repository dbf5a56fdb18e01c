// The device that a check computes on, and how much more its float32 may deviate than the CPU's.
import { openRuntime } from '../session/provider'
import type { Runtime } from '../session/runtime'
import type { VerifyContext } from './case'

export interface VerifyDevice {
  readonly runtime: Runtime
  /** factor of the CPU's tolerances: GPU kernels sum in another order (tests/reference/README.md) */
  readonly slack: number
}

export async function deviceOf({ device }: VerifyContext): Promise<VerifyDevice> {
  const { runtime } = await openRuntime(device)
  return { runtime, slack: runtime.device.kind === 'cpu' ? 1 : 10 }
}
