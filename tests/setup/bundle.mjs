// Bundles one TypeScript entry (and the threads it starts) into a file that plain Node runs: for tests and benchmarks.
import { mkdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const suffix = '?modulePath'
const marker = '\0thread-entry:'

/** `import path from './x?modulePath'`: the path of x, bundled by itself. */
function threadEntries() {
  return {
    name: 'thread-entries',
    async resolveId(source, importer) {
      if (!source.endsWith(suffix)) return null
      const found = await this.resolve(source.slice(0, -suffix.length), importer)
      return found === null ? null : `${marker}${found.id}`
    },
    async load(id) {
      if (!id.startsWith(marker)) return null
      return `export default ${JSON.stringify(await bundle(id.slice(marker.length)))}`
    },
  }
}

/** vitest's plugin for the same imports. */
export const threadEntriesForTests = () => ({ ...threadEntries(), enforce: 'pre' })

const bundled = new Map()

/** @returns the path of the bundle, made once a process */
export function bundle(entry) {
  if (!bundled.has(entry)) bundled.set(entry, write(entry))
  return bundled.get(entry)
}

async function write(entry) {
  // a folder per process: test files run side by side and must not read each other's half-written bundles
  const folder = join(root, 'node_modules/.cache/bundles', String(process.pid))
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${basename(entry, '.ts')}.cjs`)
  const made = await rolldown({
    input: entry,
    platform: 'node',
    external: [
      'electron',
      'onnxruntime-node',
      'tokenizers',
      /^zstd-napi/,
      'playwright-core',
      /^rolldown/,
    ],
    plugins: [threadEntries()],
  })
  await made.write({ file, format: 'cjs', codeSplitting: false, sourcemap: 'inline' })
  await made.close()
  return file
}
