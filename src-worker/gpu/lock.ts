// One installation at a time: a file with the process's id. The lock of a dead process does not count.
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../contract/fault'

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // the process of another user
  }
}

/** Process id in the lock; 0: none, or being written just now. */
const ownerOf = async (path: string): Promise<number> =>
  Number(await readFile(path, 'utf8').catch(() => '')) || 0

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(String(process.pid)).finally(() => file.close())
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

/** Does the work alone. @throws Fault 'busy' while another process installs or removes */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  if (!(await take(path))) {
    const owner = await ownerOf(path)
    if (owner !== 0 && !alive(owner)) await rm(path, { force: true })
    if (!(await take(path)))
      throw new Fault(
        'busy',
        `process ${owner} is installing or removing CUDA`,
        `Wait until it has ended; if it is not there any more, delete ${path}.`,
      )
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}
