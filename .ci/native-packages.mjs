// Packages with native code that the engine loads, and which of their files one system needs; all else is bundled into out/main.

import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './node-modules.mjs'

/** tokenizers' file, by platform and processor. */
const tokenizers = {
  'linux-x64': 'linux-x64-gnu',
  'linux-arm64': 'linux-arm64-gnu',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-x64-msvc',
  'win32-arm64': 'win32-arm64-msvc',
}

/** @returns package → its files and folders */
export function nativePackages({ platform, arch }) {
  return {
    'onnxruntime-node': ['package.json', 'dist', 'README.md', `bin/napi-v6/${platform}/${arch}`],
    'onnxruntime-common': ['package.json', 'dist/cjs', 'README.md'],
    tokenizers: [
      'package.json',
      'index.js',
      `tokenizers.${tokenizers[`${platform}-${arch}`]}.node`,
      'LICENSE',
    ],
    'zstd-napi': ['package.json', 'binding.js', 'dist', 'build/Release/binding.node', 'LICENSE'],
  }
}

/** Copies what one system needs of them from our node_modules into another. */
export function copyNativePackages(system, to) {
  for (const [id, parts] of Object.entries(nativePackages(system)))
    for (const part of parts) {
      const from = join(root, 'node_modules', id, part)
      if (!existsSync(from))
        throw new Error(`${id}/${part} is missing: run npm ci on ${system.platform}`)
      mkdirSync(dirname(join(to, id, part)), { recursive: true })
      cpSync(from, join(to, id, part), { recursive: true, dereference: true })
    }
}
