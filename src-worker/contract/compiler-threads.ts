/**
 * The flag of V8 that denies its baseline compiler threads of its own. Such a thread may wait for a garbage collection
 * on a thread that is ending, which in turn waits for the compiler (v8:13902): nothing ends any more. Node's own builds
 * do without them, Electron's do not; there one quit in twenty never ended.
 */
export const withoutCompilerThreads = '--no-concurrent-sparkplug'
