import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installCuda } from '../../src-worker/gpu/install'
import { uninstallCuda } from '../../src-worker/gpu/uninstall'
import { findCudaInstall, gpuPaths } from '../../src-worker/session/cuda-install'
import { onnxruntimePackage } from '../../src-worker/session/onnxruntime'
import { temporaryFolder } from '../temporary'
import { openIndex } from './stand-in-index'

const { version } = onnxruntimePackage()
const here = process.platform === 'linux' && process.arch === 'x64'

test.skipIf(!here)('uninstall removes all that install brought, and nothing else', async () => {
  const index = await openIndex()
  const home = temporaryFolder()
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'mine'), 'mine')
  const machine = { platform: 'linux', arch: 'x64', glibc: '2.36' }
  await installCuda({ home, machine, index: index.url, env: {}, pip: false })
  const { root } = gpuPaths(home)
  writeFileSync(join(root, 'notes.txt'), 'mine')
  symlinkSync(outside, join(root, '9.9.9'))
  const { removed, left, freedBytes } = await uninstallCuda(home)
  expect([...removed].sort()).toEqual([join(root, version), join(root, 'downloads')])
  expect([...left].sort()).toEqual([join(root, '9.9.9'), join(root, 'notes.txt')])
  expect(freedBytes).toBeGreaterThan(10_000_000)
  expect(readFileSync(join(outside, 'mine'), 'utf8')).toBe('mine')
  expect(findCudaInstall(home, version)).toBeUndefined()
})

test('uninstall where nothing is', async () => {
  expect(await uninstallCuda(temporaryFolder())).toEqual({ removed: [], left: [], freedBytes: 0 })
})
