// Runs a TypeScript file on plain Node, threads included: node tests/setup/run.mjs bench/index.ts [arguments]
import { resolve } from 'node:path'
import { foreground } from '../../.ci/foreground.mjs'
import { bundle } from './bundle.mjs'

const [entry, ...args] = process.argv.slice(2)
const file = await bundle(resolve(entry))
const { status } = await foreground(process.execPath, ['--enable-source-maps', file, ...args])
process.exit(status ?? 1)
