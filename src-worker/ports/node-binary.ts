// The Node that processes of ours run on. Inside Electron's own processes one native block of 1–2 GiB ends the
// process (DESIGN.md §6), so Electron's binary in Node's guise is only the last resort.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'

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
