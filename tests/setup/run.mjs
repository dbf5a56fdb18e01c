// Runs a TypeScript file on plain Node, threads included: node tests/setup/run.mjs bench/index.ts [arguments]
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { bundle } from './bundle.mjs'

const [entry, ...args] = process.argv.slice(2)
const file = await bundle(resolve(entry))
const { status } = spawnSync(process.execPath, ['--enable-source-maps', file, ...args], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
