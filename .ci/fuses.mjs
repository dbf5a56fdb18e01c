// Fuses of a packed Electron: switches in the binary that no argument and no environment can turn back.
// node .ci/fuses.mjs EXECUTABLE     sets those of resources/build/fuses.json (`npm run package` does this before signing)
// node .ci/fuses.mjs --check EXECUTABLE
// RunAsNode stays on: readers of foreign files and large models run in processes of their own, and where a machine has
// no Node they run on this binary (src-worker/ports/node-binary.ts). What it could be misused for, NODE_OPTIONS and
// --inspect, is off.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses'
import { root } from './node-modules.mjs'

/** States of a fuse in the binary: the digits as letters. */
const [off, on] = ['0', '1'].map(digit => digit.charCodeAt(0))

/** Name of a fuse → whether it is on. */
export const wantedFuses = () =>
  JSON.parse(readFileSync(join(root, 'resources/build/fuses.json'), 'utf8'))

/** Of this binary, by name; a fuse that an older Electron does not have is left out. */
export async function fusesOf(executable) {
  const wire = await getCurrentFuseWire(executable)
  const named = Object.keys(wantedFuses()).map(name => [name, wire[FuseV1Options[name]]])
  const known = named.filter(([, state]) => state === on || state === off)
  return Object.fromEntries(known.map(([name, state]) => [name, state === on]))
}

export async function setFuses(executable) {
  const has = await fusesOf(executable)
  const wanted = Object.entries(wantedFuses()).filter(([name]) => name in has)
  const byNumber = Object.fromEntries(wanted.map(([name, value]) => [FuseV1Options[name], value]))
  await flipFuses(executable, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: process.platform === 'darwin',
    ...byNumber,
  })
}

/** Names of fuses that are not as wanted; a fuse that this Electron lacks counts. */
export async function wrongFuses(executable) {
  const has = await fusesOf(executable)
  return Object.entries(wantedFuses()).flatMap(([name, value]) =>
    has[name] === value ? [] : [name],
  )
}

async function main(given) {
  const executable = given.at(-1)
  if (executable === undefined || executable.startsWith('-')) {
    console.error('Name the executable: node .ci/fuses.mjs [--check] EXECUTABLE')
    return 2
  }
  if (!given.includes('--check')) await setFuses(executable)
  const wrong = await wrongFuses(executable)
  console.log(
    wrong.length === 0 ? 'All fuses are as wanted.' : `Not as wanted: ${wrong.join(', ')}`,
  )
  return wrong.length === 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.slice(2))
