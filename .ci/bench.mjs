// `npm run bench [-- options]`: the engine beside its peers (bench/index.ts lists the options);
// `npm run bench -- app|data|accept [options]`: the built app, the making of data, or all that only a GPU can show.
import { foreground } from './foreground.mjs'
import { root } from './node-modules.mjs'

const others = ['app', 'data', 'accept']
const given = process.argv.slice(2)
const named = others.includes(given[0])
const run = ['tests/setup/run.mjs', `bench/${named ? given[0] : 'index'}.ts`]
const args = named ? given.slice(1) : given
const { status } = await foreground(process.execPath, [...run, ...args], { cwd: root })
process.exit(status ?? 1)
