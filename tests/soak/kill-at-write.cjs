// Loaded before the program (--require): counts every call that changes a file, in each thread, and kills the process at the one
// that SPW_KILL_AT names: an odd number before it happens, an even one right after.
const { appendFileSync } = require('node:fs')
const promises = require('node:fs/promises')
const fs = require('node:fs')
const at = Number(process.env.SPW_KILL_AT)
const count = process.env.SPW_WRITE_LOG
let calls = 0
const note = appendFileSync.bind(fs)

function counted(name, call) {
  return function (...args) {
    calls++
    const mine = calls
    if (count) note(count, `${name}\n`)
    if (mine !== at) return call.apply(this, args)
    if (at % 2 === 1) process.kill(process.pid, 'SIGKILL')
    const done = call.apply(this, args)
    if (!(done instanceof Promise)) process.kill(process.pid, 'SIGKILL')
    return done.then(value => {
      process.kill(process.pid, 'SIGKILL')
      return value
    })
  }
}

for (const name of ['rename', 'rm', 'mkdir', 'unlink', 'writeFile', 'appendFile', 'truncate'])
  for (const [owner, key] of [
    [promises, name],
    [fs, `${name}Sync`],
  ])
    owner[key] = counted(key, owner[key])
for (const key of ['writeSync', 'fsyncSync', 'ftruncateSync']) fs[key] = counted(key, fs[key])

const open = promises.open
let patched = false
promises.open = async (...args) => {
  const handle = await open(...args)
  if (!patched) {
    patched = true
    const prototype = Object.getPrototypeOf(handle)
    for (const key of ['write', 'writeFile', 'appendFile', 'sync', 'datasync', 'truncate'])
      prototype[key] = counted(key, prototype[key])
  }
  return handle
}
