import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSharedObject } from '../../src-worker/gpu/elf'
import {
  cudaLibraries,
  majorRequirement,
  packageFor,
  parseRequirement,
  requirementsOf,
} from '../../src-worker/gpu/libraries'
import { keepLibrary, onnxruntimePackage } from '../../src-worker/session/onnxruntime'
import { temporaryFolder } from '../temporary'
import { fakeLibrary } from './fake-library'

const here = process.platform === 'linux' && process.arch === 'x64'

function write(bytes: Uint8Array, name = 'libx.so.1'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  return path
}

test('what a library is linked with', async () => {
  const names = { soname: 'libx.so.1', needed: ['liby.so.2', 'libc.so.6'], runpath: '$ORIGIN/../y' }
  expect(await readSharedObject(write(fakeLibrary(names)))).toEqual(names)
})

test.skipIf(!here)(
  "onnxruntime-node's own files look for each other in their own folder",
  async () => {
    const { native } = onnxruntimePackage()
    const binding = await readSharedObject(join(native, 'onnxruntime_binding.node'))
    expect(binding.needed).toContain('libonnxruntime.so.1')
    expect(binding.runpath).toBe('$ORIGIN/')
    expect((await readSharedObject(join(native, 'libonnxruntime.so.1'))).soname).toBe(
      'libonnxruntime.so.1',
    )
  },
)

test.each([
  [
    'text',
    Buffer.from('not a library, but longer than a header of sixty-four bytes is long'),
    /not a 64-bit ELF/,
  ],
  ['an empty file', Buffer.alloc(0), /ends too early/],
  ['a library cut off', fakeLibrary({ soname: 'libx.so.1' }).subarray(0, 300), /ends too early/],
])('%s is refused', async (_, bytes, why) => {
  await expect(readSharedObject(write(bytes))).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(why),
    fix: 'Run `spw gpu install` again.',
  })
})

test.skipIf(!here)(
  'a library that is no Node module stays loaded, and serves the next by its soname',
  () => {
    const folder = temporaryFolder()
    const [first, second] = ['libspwfirst.so.1', 'libspwsecond.so.1'] as const
    writeFileSync(join(folder, first), fakeLibrary({ soname: first }))
    const other = join(temporaryFolder(), second)
    writeFileSync(other, fakeLibrary({ soname: second, needed: [first] }))
    expect(() => keepLibrary(other)).toThrow(/libspwfirst\.so\.1: cannot open shared object file/)
    keepLibrary(join(folder, first))
    expect(readFileSync('/proc/self/maps', 'utf8')).toContain(first)
    keepLibrary(other)
  },
)

test('the libraries of CUDA and their packages', () => {
  const needed = [
    'libcublasLt.so.13',
    'libcuda.so.1',
    'libstdc++.so.6',
    'ld-linux-x86-64.so.2',
    'libm.so.6',
  ]
  expect(cudaLibraries(needed)).toEqual(['libcublasLt.so.13'])
  expect(packageFor('libcublasLt.so.13')).toBe('nvidia-cublas')
  expect(majorRequirement('libcurand.so.10')).toBe('>=10,<11')
  expect(() => packageFor('libmagic.so.1')).toThrow(/needs libmagic\.so\.1, and no known package/)
})

test('requirements in the metadata of a wheel', () => {
  const metadata =
    'Name: a\nRequires-Dist: nvidia-cublas~=13.0; extra == "cuda"\nRequires-Dist: b (>=1,<2)\n\nRequires-Dist: text\n'
  expect(requirementsOf(metadata).map(parseRequirement)).toEqual([
    { name: 'nvidia-cublas', versions: '~=13.0' },
    { name: 'b', versions: '>=1,<2' },
  ])
})

test.each([
  ['the table of segments', 32],
  ['the offset of a segment', 64 + 8],
])('%s beyond any file is a fault; it once ended the process', async (_, at) => {
  const bytes = Buffer.from(fakeLibrary({ soname: 'liba.so', needed: ['libb.so.1'] }))
  for (let segment = 0; segment < 3; segment++) {
    const place = at + (at === 32 ? 0 : 56 * segment)
    bytes.writeBigUInt64LE(0xffffffffffff0000n, place)
  }
  await expect(readSharedObject(write(bytes))).rejects.toMatchObject({ code: 'bad-file' })
})
