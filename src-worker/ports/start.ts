// The side that starts: a worker thread of this process, or a Node process of its own, each behind the same functions.
// A built file is named by `import file from './x?modulePath'`; what it answers is in ports/own.ts.
import { fork, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Fault, type FaultData, fromData } from '../contract/fault'
import { connect, type Port, type Remote } from '../contract/rpc'
import { denyCompilerThreads } from './compiler-threads'
import { reportUnhandled } from './unhandled'

export type PlaceKind = 'thread' | 'process'

/** A thread or process that was started, and its functions. */
export interface Started<Table> extends Remote<Table> {
  readonly kind: PlaceKind
  /** settles when it is gone, whatever the reason, with the reason for people */
  readonly gone: Promise<string>
  /** as `gone`, with the fault of calls that it did not answer */
  readonly lost: Promise<Fault>
  /** It closes what it holds and leaves. @returns gone */
  end(): Promise<string>
  /** A process ends at once. A thread goes on: one that holds sessions must never be terminated. */
  kill(): void
}

export interface StartOptions {
  /** functions that it may call here */
  readonly here?: object
  /** The fault of calls that it did not answer. @param why it ended */
  readonly fault?: (why: string) => Fault
}

export interface ThreadOptions extends StartOptions {
  readonly name?: string
  readonly env?: NodeJS.ProcessEnv
}

export interface StartedThread<Table> extends Started<Table> {
  /** from now on this process may end while the thread waits for work */
  unref(): void
}

export interface ProcessOptions extends StartOptions {
  /** laid over the environment of this process; undefined: unset */
  readonly env?: NodeJS.ProcessEnv
  /** options of node */
  readonly flags?: readonly string[]
  /** takes what it prints to standard error, which goes to ours otherwise */
  readonly onStderr?: (text: string) => void
  /** ms after which it is killed */
  readonly timeout?: number
  /** bytes in memory above which it is killed (Linux) */
  readonly mostMemory?: number
}

const unanswered = (why: string): Fault =>
  new Fault('engine', `what worked on it ended without an answer: ${why}`, 'Try again.')

function started<Table extends object>(
  kind: PlaceKind,
  port: Port,
  gone: Promise<string>,
  { here = {}, fault = unanswered }: StartOptions,
  kill: () => void,
): Started<Table> {
  const lost = gone.then(fault)
  const unhandled = (data: FaultData): void => reportUnhandled(fromData(data))
  const remote = connect<Table>(port, { unhandled, ...here }, lost)
  const last = (remote as Remote<unknown> as Remote<{ end(): void }>).tell
  const end = (): Promise<string> => {
    last.end()
    return gone
  }
  return { ...remote, kind, gone, lost, end, kill }
}

export function startThread<Table extends object>(
  file: string,
  options: ThreadOptions = {},
): StartedThread<Table> {
  denyCompilerThreads()
  const { name, env } = options
  const worker = new Worker(file, { ...(name && { name }), ...(env && { env }) })
  let why = 'it returned'
  worker.on('error', error => {
    console.error(error) // with its stack, for the log; people get the message
    why = error instanceof Error ? error.message : String(error)
  })
  const gone = new Promise<string>(settle => {
    worker.once('exit', code => settle(`${why} (exit code ${code})`))
  })
  const port: Port = {
    send: (message, transfer) => worker.postMessage(message, transfer as []),
    receive: listener => worker.on('message', listener),
  }
  const thread = started<Table>('thread', port, gone, options, () => undefined)
  const end = (): Promise<string> => {
    worker.ref()
    return thread.end()
  }
  return { ...thread, end, unref: () => worker.unref() }
}

const endOf = (code: number | null, signal: string | null): string => {
  if (signal === null) return `it ended with exit code ${code}`
  const memory = signal === 'SIGKILL' ? ', perhaps for want of memory' : ''
  return `it was ended by ${signal}${memory}`
}

export function startProcess<Table extends object>(
  file: string,
  options: ProcessOptions = {},
): Started<Table> {
  const { env, flags = [], onStderr, timeout, mostMemory = 0 } = options
  const node = nodeBinary()
  const child = fork(file, [], {
    execPath: node.path,
    execArgv: ['--enable-source-maps', ...flags],
    env: { ...process.env, ...node.env, ...env },
    // different versions of V8 need not agree on their clone format
    serialization: node.path === process.execPath ? 'advanced' : 'json',
    // our standard output is for answers
    stdio: ['ignore', 2, onStderr === undefined ? 'inherit' : 'pipe', 'ipc'],
    ...(timeout !== undefined && { timeout, killSignal: 'SIGKILL' }),
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => onStderr?.(text))
  const kill = (): void => void child.kill('SIGKILL')
  const memory = watchMemory(child.pid, mostMemory, kill)
  const gone = new Promise<string>(settle => {
    child.once('error', error => settle(`${node.path}: ${error.message}`))
    // not at its exit: what it said last may still be on its way
    child.once('close', (code, signal) => settle(memory.end() ?? endOf(code, signal)))
  })
  const port: Port = {
    send: message => {
      // the callback takes the error of a channel that has just closed; `gone` tells the rest
      if (child.connected) child.send(message as object, () => undefined)
    },
    receive: listener => child.on('message', listener),
  }
  return started('process', port, gone, options, kill)
}

// A bound on the memory of a process of ours, kept from outside: what it holds natively counts, too. Linux only; elsewhere
// V8's own limit is the bound.

/** ms between two looks */
const every = 100
const page = 4096

function residentBytes(pid: number): number {
  try {
    return page * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  } catch {
    return 0
  }
}

/**
 * Kills a process that holds more than `most` bytes.
 * @param most 0: nothing is watched
 * @returns end() stops watching, and says why it was killed
 */
export function watchMemory(pid: number | undefined, most: number, kill: () => void) {
  let why: string | undefined
  const look = (): void => {
    if (pid === undefined || residentBytes(pid) <= most) return
    why = `it took more than ${most / 1e6} MB of memory`
    kill()
  }
  const timer = most === 0 ? undefined : setInterval(look, every)
  timer?.unref()
  return {
    end: (): string | undefined => {
      clearInterval(timer)
      return why
    },
  }
}

// The Node that processes of ours run on. Inside Electron's own processes one native block of 1–2 GiB ends the process, so
// Electron's binary in Node's guise is only the last resort.

export interface NodeBinary {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

const oldest = 18

function works(path: string): boolean {
  const { stdout, status } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 })
  return status === 0 && Number(/^v(\d+)\./.exec(stdout)?.[1]) >= oldest
}

function* candidates(env: NodeJS.ProcessEnv): Generator<string> {
  if (env.SPW_NODE) yield env.SPW_NODE
  if (env.npm_node_execpath) yield env.npm_node_execpath // started through npm: the Node that npm runs on
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  for (const folder of (env.PATH ?? '').split(delimiter)) if (folder) yield join(folder, name)
}

/** SPW_NODE, else npm's Node, else the first `node` ≥ 18 on PATH, else this Electron run as Node. */
export function findNode(env: NodeJS.ProcessEnv): NodeBinary {
  for (const path of candidates(env)) if (works(path)) return { path, env: {} }
  return { path: process.execPath, env: { ELECTRON_RUN_AS_NODE: '1' } }
}

let found: NodeBinary | undefined

/** This very Node, or, inside Electron, a plain one; looked for once. */
export function nodeBinary(): NodeBinary {
  if (process.versions.electron === undefined) return { path: process.execPath, env: {} }
  found ??= findNode(process.env)
  return found
}
