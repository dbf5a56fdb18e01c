// A program in the place of this one: what ends this one ends it.
import { spawn } from 'node:child_process'

/**
 * Run a program to its end, with the terminal of this one. A terminal gives Ctrl-C to both by itself: who takes a second one
 * for more than the first leaves SIGINT out of `signals`.
 * @param signals that are passed on @returns its exit code, or the signal that ended it
 */
export function foreground(program, args, options = {}, signals = ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options })
    const passOn = signal => void child.kill(signal)
    const wait = () => undefined
    const heard = ['SIGINT', 'SIGTERM', 'SIGHUP'].map(signal => [
      signal,
      signals.includes(signal) ? passOn : wait,
    ])
    for (const [signal, handler] of heard) process.on(signal, handler)
    child.once('error', reject)
    child.once('close', (status, signal) => {
      for (const [name, handler] of heard) process.off(name, handler)
      resolve({ status, signal })
    })
  })
}
