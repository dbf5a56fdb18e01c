// One installation or removal of CUDA at a time.
import { mkdir } from 'node:fs/promises'
import { Fault } from '../contract/fault'
import { withFileLock } from '../dataset/file-lock'
import { gpuPaths } from '../session/cuda-install'

/** Faults: busy, while another process installs or removes; those of the work. */
export async function withInstallLock<T>(home: string, work: () => Promise<T>): Promise<T> {
  const { root, lock } = gpuPaths(home)
  await mkdir(root, { recursive: true })
  const busy = (pid: number): Fault =>
    new Fault(
      'busy',
      `process ${pid} is installing or removing CUDA`,
      `Wait until it has ended; if it is not there any more, delete ${lock}.`,
    )
  return withFileLock(lock, undefined, work, busy)
}
