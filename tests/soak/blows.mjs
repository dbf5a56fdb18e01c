// What a soak does to a command of `spw`: killed at random, killed at a write, a full disk, too little memory.
import { spawn, spawnSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const cli = resolve('out/main/cli.js')
const hook = resolve(import.meta.dirname, 'kill-at-write.cjs')
/** milliseconds; nothing here takes minutes */
const patience = 180_000

/** A small linear generator: which moment is hit depends on the seed. */
export function generator(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * Starts commands in one home.
 * @param hung takes the names of commands that did not end
 */
export function starter(home, hung) {
  return (args, { env = {}, before = [], endless = false } = {}) => {
    const [command, ...rest] = [
      ...before,
      process.execPath,
      ...(env.SPW_KILL_AT ? ['--require', hook] : []),
      cli,
      ...args,
    ]
    const child = spawn(command, rest, {
      env: { ...process.env, SPW_HOME: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const channel of [child.stdout, child.stderr]) channel.on('data', chunk => (said += chunk))
    // a command that does not end is a failure too
    const late = endless
      ? undefined
      : setTimeout(() => {
          hung.push(args[0])
          child.kill('SIGKILL')
        }, patience)
    const ended = new Promise(done =>
      child.once('close', (code, signal) => {
        clearTimeout(late)
        done({ code, signal, said })
      }),
    )
    return { child, ended, said: () => said }
  }
}

/** Each takes arguments of a command, and waits for its end. @param hasDisk the home is a disk of its own */
export function blowsIn(home, start, random, hasDisk) {
  const all = {
    /** at any moment of the first seconds */
    async kill(args) {
      const { child, ended } = start(args)
      await sleep(6000 * random())
      child.kill('SIGKILL')
      return ended
    },
    /** at one of the calls that change a file */
    write: args =>
      start(args, { env: { SPW_KILL_AT: String(1 + Math.floor(random() * 400)) } }).ended,
    /** all but a few kilobytes of the disk are taken */
    async disk(args) {
      const ballast = join(home, 'ballast')
      const { bavail, bsize } = statfsSync(home)
      const taken = Math.max(0, bavail * bsize - Math.floor(random() * 100_000))
      writeFileSync(ballast, Buffer.alloc(taken))
      const ended = await start(args).ended
      rmSync(ballast)
      return ended
    },
    /** megabytes of address space; Node alone wants about 700 */
    memory: args =>
      start(args, { before: ['prlimit', `--as=${Math.floor((700 + 1500 * random()) * 1e6)}`] })
        .ended,
  }
  const { disk, memory, ...always } = all
  const hasLimit = spawnSync('prlimit', ['--version']).status === 0
  return { ...always, ...(hasDisk && { disk }), ...(hasLimit && { memory }) }
}
