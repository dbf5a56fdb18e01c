// V8's baseline compiler must have no threads of its own: such a thread may wait for a garbage collection on a thread
// that is ending, which in turn waits for the compiler (v8:13902), and nothing ends any more. Node's own builds do
// without them, Electron's do not; there one quit in twenty never ended.
import { setFlagsFromString } from 'node:v8'
import { isMainThread } from 'node:worker_threads'

/** For the whole process, so its main thread says it once, before it starts a thread. */
export function denyCompilerThreads(): void {
  if (isMainThread) setFlagsFromString('--no-concurrent-sparkplug')
}
