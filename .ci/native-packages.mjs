// Packages with native code that the engine loads, and which of their files one system needs; all else is bundled into out/main.

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
