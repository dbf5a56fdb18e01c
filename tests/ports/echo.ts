// A thread or process for tests of ports: answers, throws, reports, and dies as requested.

import { Fault } from '../../src-worker/contract/fault'
import { transferring } from '../../src-worker/contract/rpc'
import { answerParent } from '../../src-worker/ports/own'

/** What the libraries would see: a report reads the C environment of the process. */
function cudaVariables() {
  const report = process.report?.getReport() as unknown as {
    environmentVariables: Record<string, string>
  }
  const { NVIDIA_TF32_OVERRIDE: tf32, CUDA_DEVICE_ORDER: order } = report.environmentVariables
  return { tf32, order, copy: process.env.NVIDIA_TF32_OVERRIDE }
}

const functions = {
  cudaVariables,
  pid: () => process.pid,
  add: async (a: number, b: number) => a + b,
  nothing: () => undefined,
  refuse: () => {
    throw new Fault('disk', 'no space is left', 'Free some space.', { cause: 'the disk' })
  },
  break: () => {
    throw new TypeError('x is undefined')
  },
  never: () => new Promise<void>(() => undefined),
  countTo: async (n: number) => {
    for (let i = 1; i <= n; i++) parent.tell.count(i)
    return n
  },
  doubled: (numbers: Float32Array) => {
    const result = numbers.map(x => 2 * x)
    return transferring(result, [result.buffer])
  },
  exit: (code: number) => process.exit(code),
  hold: async (bytes: number) => {
    const held = Buffer.alloc(bytes, 1)
    await new Promise(done => setTimeout(done, 10_000))
    return held.length
  },
  /** a promise fails, and nobody waits for it */
  failUnnoticed: async () => {
    void Promise.reject(new Error('nobody waits for this'))
    await new Promise(done => setTimeout(done, 50))
    return 'alive'
  },
  throwLater: () => {
    setTimeout(() => {
      throw new Error('nobody catches this')
    })
  },
}
export type EchoTable = typeof functions

const parent = answerParent<{ count(n: number): void }>(functions)
