// A program in the place of this one: what ends this one ends it.
import { spawn } from 'node:child_process'

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Run a program to its end, with the terminal of this one. A terminal gives Ctrl-C to both by itself: who takes a second one
 * for more than the first leaves SIGINT out of `signals`.
 * @param signals that are passed on @returns its exit code, or the signal that ended it
 */
export function foreground(program, args, options = {}, signals = ending) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options })
    // this one lives until the program has ended, whatever it hears
    const hear = signal => signals.includes(signal) && child.kill(signal)
    for (const signal of ending) process.on(signal, hear)
    child.once('error', reject)
    child.once('close', (status, signal) => {
      for (const name of ending) process.off(name, hear)
      resolve({ status, signal })
    })
  })
}
