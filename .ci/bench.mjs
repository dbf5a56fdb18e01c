// `npm run bench`: every benchmark of bench/, one after another; `npm run bench -- NAME [arguments]`: one of them.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node-modules.mjs'

const all = readdirSync(join(root, 'bench'))
  .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map(file => file.slice(0, -3))
const [name, ...args] = process.argv.slice(2)
if (name !== undefined && !all.includes(name)) {
  console.error(`There is no benchmark ${name}. There are: ${all.join(', ')}`)
  process.exit(2)
}
let worst = 0
for (const one of name === undefined ? all : [name]) {
  console.log(`── ${one} ──`)
  const run = ['tests/setup/run.mjs', `bench/${one}.ts`, ...args]
  const { status } = spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit' })
  worst = Math.max(worst, status ?? 1)
}
process.exit(worst)
