// `npm run bench [-- options]`: the engine beside its peers (bench/index.ts lists the options);
// `npm run bench -- app|data [options]`: the built app, or the making of data.
import { spawnSync } from 'node:child_process'
import { root } from './node-modules.mjs'

const others = ['app', 'data']
const given = process.argv.slice(2)
const named = others.includes(given[0])
const run = ['tests/setup/run.mjs', `bench/${named ? given[0] : 'index'}.ts`]
const args = named ? given.slice(1) : given
const { status } = spawnSync(process.execPath, [...run, ...args], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
