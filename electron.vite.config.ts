// Builds out/main (Electron's main process, the command line, the worker threads), out/preload and out/renderer.
// Main and workers are CommonJS, as Electron 25 cannot start an ES module; only native packages stay outside.
import { chmodSync } from 'node:fs'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

const native = ['onnxruntime-node', 'tokenizers', 'zstd-napi']
const external = ['electron', /^node:/, ...native.flatMap(name => [name, new RegExp(`^${name}/`)])]

/**
 * `import path from './x?modulePath'` gives the path of x as an entry of its own, to start as a thread or a process.
 * Unlike electron-vite's plugin it also works inside such an entry, and all entries share their chunks.
 */
function threadEntries(): Plugin {
  const marker = '\0thread-entry:'
  return {
    name: 'thread-entries',
    enforce: 'pre',
    apply: 'build',
    async resolveId(source, importer) {
      if (!source.endsWith('?modulePath')) return null
      const found = await this.resolve(source.slice(0, -'?modulePath'.length), importer)
      return found === null ? null : `${marker}${found.id}`
    },
    load(id) {
      if (!id.startsWith(marker)) return null
      const file = id.slice(marker.length)
      const name = file.replace(/^.*[\\/]/, '').replace(/\.ts$/, '')
      this.emitFile({ type: 'chunk', id: file, fileName: `${name}.js` })
      return `import { join } from 'node:path'\nexport default join(__dirname, '${name}.js')`
    },
  }
}

/** Every `{{ }}` of a template goes through src-renderer/text/shown-string.ts. */
function shownStrings(): Plugin {
  const vues = 'toDisplayString as _toDisplayString'
  const ours = JSON.stringify(resolve('src-renderer/text/shown-string.ts'))
  return {
    name: 'shown-strings',
    transform: (code, id) => {
      if (!/\.vue(\?|$)/.test(id) || !code.includes(vues)) return null
      const without = code.replace(vues, 'version as _versionOfVue')
      return {
        code: `import { shownString as _toDisplayString } from ${ours};${without}`,
        map: null,
      }
    },
  }
}

/** `spw` is started by its own name: node_modules/.bin/spw leads to out/main/cli.js. */
function executable(): Plugin {
  return {
    name: 'executable',
    apply: 'build',
    writeBundle: ({ dir }) => chmodSync(resolve(dir ?? 'out/main', 'cli.js'), 0o755),
  }
}

export default defineConfig({
  main: {
    plugins: [threadEntries(), executable()],
    build: {
      externalizeDeps: false,
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        input: {
          index: resolve('src-main/index.ts'),
          cli: resolve('src-worker/cli.ts'),
        },
        external,
        // all files lie in one folder, so that __dirname is the same in entries and chunks
        output: {
          format: 'cjs',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunk-[name]-[hash].js',
          banner: ({ fileName }) => (fileName === 'cli.js' ? '#!/usr/bin/env node' : ''),
        },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: resolve('src-main/preload.ts') },
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].js' },
      },
    },
  },
  renderer: {
    root: resolve('src-renderer'),
    base: './',
    plugins: [vue(), shownStrings()],
    build: {
      outDir: resolve('out/renderer'),
      target: 'chrome114',
      assetsInlineLimit: 0, // a strict CSP refuses inlined fonts and scripts
      rolldownOptions: { input: { index: resolve('src-renderer/index.html') } },
    },
  },
})
