// The Unix socket of a home's engine: only its owner may open it (mode 600), and nothing listens on a port.
import { closeSync, openSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { createConnection, type Server, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { Fault } from '../contract/fault'
import { hostMark } from '../weights/this-machine'

/**
 * Machines that share a home have an engine each, and so have versions: an older one may still train while a newer one
 * answers.
 */
export const socketPath = (home: string, version: string): string =>
  join(home, `engine-${version}-${hostMark}.sock`)

/** Bytes of a socket's name that every system takes. */
const longestName = 100

/** A name that fits, for what is done at once; Linux reaches long ones through the open folder. */
function withShortName<T>(path: string, use: (name: string) => T): T {
  if (Buffer.byteLength(path) <= longestName) return use(path)
  if (process.platform !== 'linux')
    throw new Fault(
      'usage',
      `the socket ${path} has ${Buffer.byteLength(path)} bytes of ${longestName}`,
      'Set SPW_HOME to a folder with a shorter path.',
    )
  const folder = openSync(dirname(path), 'r')
  try {
    return use(`/proc/self/fd/${folder}/${basename(path)}`)
  } finally {
    closeSync(folder)
  }
}

/** @returns undefined when nobody answers there */
export function connectTo(path: string): Promise<Socket | undefined> {
  return new Promise((done, refuse) => {
    const socket = withShortName(path, name => createConnection(name))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      done(socket)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const nobody = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'].includes(error.code ?? '')
      if (nobody) done(undefined)
      else refuse(error)
    })
  })
}

/** Listens in place of a dead one. The caller holds the lock of the socket, and knows that nobody answers there. */
export async function listenAt(server: Server, path: string): Promise<void> {
  await rm(path, { force: true })
  const listening = new Promise<void>((done, refuse) => {
    server.once('error', refuse)
    server.once('listening', done)
  })
  // from its first moment nobody else may open it
  const mask = process.umask(0o177)
  try {
    withShortName(path, name => server.listen(name))
  } finally {
    process.umask(mask)
  }
  await listening
  await chmod(path, 0o600)
}
