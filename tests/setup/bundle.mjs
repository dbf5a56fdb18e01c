// Bundles one TypeScript entry (and the threads it starts) into a file that plain Node runs: for tests and benchmarks.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const suffix = '?modulePath'
const marker = '\0thread-entry:'

/** `import path from './x?modulePath'`: the path of x, bundled by itself. */
function threadEntries() {
  return {
    name: 'thread-entries',
    // filters: a bundle asks some thousand times, and only these are worth the way into JavaScript
    resolveId: {
      filter: { id: /\?modulePath$/ },
      async handler(source, importer) {
        const found = await this.resolve(source.slice(0, -suffix.length), importer)
        return found === null ? null : `${marker}${found.id}`
      },
    },
    load: {
      filter: { id: new RegExp(`^${marker}`) },
      async handler(id) {
        return `export default ${JSON.stringify(await bundle(id.slice(marker.length)))}`
      },
    },
  }
}

/** vitest's plugin for the same imports. */
export const threadEntriesForTests = () => ({ ...threadEntries(), enforce: 'pre' })

const bundled = new Map()

/** @returns the path of the bundle, made once for the sources as they are now */
export function bundle(entry) {
  if (!bundled.has(entry)) bundled.set(entry, made(entry))
  return bundled.get(entry)
}

const day = 24 * 60 * 60 * 1000
const bundles = join(root, 'node_modules/.cache/bundles')

/** A folder for the sources as they are now: path, size and time of every file that a bundle may hold. */
function folderOfSources() {
  const hash = createHash('sha256')
  for (const room of ['src-main', 'src-worker', 'bench', 'tests', 'package-lock.json', '.ci'])
    for (const path of filesOf(join(root, room))) {
      const { size, mtimeMs } = statSync(path)
      hash.update(`${path} ${size} ${mtimeMs}\n`)
    }
  const folder = join(bundles, hash.digest('hex').slice(0, 16))
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(bundles)) {
      const old = join(bundles, name)
      if (Date.now() - statSync(old).mtimeMs > day) rmSync(old, { recursive: true, force: true })
    }
  }
  return folder
}

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile() && /\.(ts|mjs|json)$/.test(each.name))
    .map(each => join(each.parentPath ?? each.path, each.name))
}

let folder

async function made(entry) {
  folder ??= folderOfSources()
  const file = join(folder, relative(root, entry).replace(/\.ts$/, '.cjs'))
  if (existsSync(file)) return file
  const build = await rolldown({
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
  // processes that test side by side must not read each other's half-written bundles; the map stays beside under this name,
  // for within the bundle it is most of what each start would read
  const part = `${file}.${process.pid}`
  await build.write({ file: part, format: 'cjs', codeSplitting: false, sourcemap: true })
  await build.close()
  renameSync(part, file)
  return file
}
