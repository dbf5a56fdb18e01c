import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type InstallOptions, installCuda } from '../../src-worker/gpu/install'
import { findCudaInstall, firstCudaInstall, gpuPaths } from '../../src-worker/session/cuda-install'
import { onnxruntimePackage } from '../../src-worker/session/onnxruntime'
import { thisHost } from '../../src-worker/weights/this-machine'
import { temporaryFolder } from '../temporary'
import { openIndex, type StandIn, wheels } from './stand-in-index'

const { version } = onnxruntimePackage()
const machine = { platform: 'linux', arch: 'x64', glibc: '2.36' }
const here = process.platform === 'linux' && process.arch === 'x64'

const install = (index: StandIn | string, home: string, more: Partial<InstallOptions> = {}) =>
  installCuda({
    home,
    machine,
    index: typeof index === 'string' ? index : index.url,
    env: {},
    pip: false,
    retryDelay: 5,
    ...more,
  })

const filesOf = (asked: readonly string[]): readonly string[] =>
  asked.filter(url => url.startsWith('/files/'))

test('the stand-in has the version that we need', () => {
  expect(Object.keys(wheels).some(name => name.includes(`-${version}-`))).toBe(true)
})

describe.skipIf(!here)('on Linux x64', () => {
  test.each(['json', 'html'] as const)('from an index that answers in %s', async page => {
    const index = await openIndex({ page })
    const home = temporaryFolder()
    const { folder, record, already } = await install(index, home)
    expect(already).toBe(false)
    expect(record.packages.map(p => `${p.name} ${p.version}`)).toEqual([
      `onnxruntime-gpu ${version}`,
      'nvidia-cublas 13.10.0.20',
      'nvidia-curand 10.4.5',
      'nvidia-cuda-runtime 13.5.37',
      'nvidia-cuda-nvrtc 13.5.37',
    ])
    // only what is needed: no TensorRT, no nvblas, no headers; the libraries that others open by name
    expect((await readdir(join(folder, 'ort'))).sort()).toEqual([
      'libonnxruntime.so.1',
      'libonnxruntime_providers_cuda.so',
      'libonnxruntime_providers_shared.so',
      'onnxruntime_binding.node',
    ])
    expect((await readdir(join(folder, 'lib'))).sort()).toEqual([
      'libcublas.so.13',
      'libcublasLt.so.13',
      'libcudart.so.13',
      'libcurand.so.10',
      'libnvrtc-builtins.so.13.5',
      'libnvrtc.so.13',
    ])
    const order = ['libcublasLt.so.13', 'libcublas.so.13', 'libcudart.so.13', 'libcurand.so.10']
    expect(record.preload).toEqual(order)
    expect(findCudaInstall(home, version)?.folder).toBe(folder)
    // a bundle that carries CUDA counts where SPW_HOME has none
    expect(firstCudaInstall([temporaryFolder(), home], version)?.folder).toBe(folder)
    expect(await readdir(gpuPaths(home).downloads)).toEqual([])
  })

  test('a second time nothing is asked; a damaged library is fetched again, and it alone', async () => {
    const index = await openIndex()
    const home = temporaryFolder()
    const { folder } = await install(index, home)
    index.asked.length = 0
    expect((await install(index, home)).already).toBe(true)
    expect(index.asked).toEqual([])
    const library = join(folder, 'lib', 'libcurand.so.10')
    const right = readFileSync(library)
    writeFileSync(library, Buffer.alloc(right.length, 7)) // as long as before
    expect((await install(index, home)).already).toBe(false)
    expect(readFileSync(library).equals(right)).toBe(true)
    expect(filesOf(index.asked)).toEqual([
      expect.stringMatching(/^\/files\/nvidia_curand-10\.4\.5-\S+$/),
    ])
  })

  test('after a dropped connection the download goes on where it stopped', async () => {
    const index = await openIndex({ drops: { after: 100_000, times: 2 } })
    const { record } = await install(index, temporaryFolder())
    expect(record.complete).toBe(true)
    const cublas = filesOf(index.asked).filter(url => url.includes('cublas'))
    // what was on the way when the line dropped may be lost, so a range begins at or before what was sent
    const from = cublas.map(url => Number(/bytes=(\d+)-$/.exec(url)?.[1] ?? 0))
    expect(from).toHaveLength(3)
    expect(from[0]).toBe(0)
    expect(from[1]).toBeLessThanOrEqual(100_000)
    expect(from[2]).toBeLessThanOrEqual((from[1] ?? 0) + 100_000)
    expect(from[2]).toBeGreaterThan(0)
  })

  test('stopped in the middle, the next installation goes on with what came', async () => {
    const index = await openIndex({ drops: { after: 100_000, times: 1 } })
    const home = temporaryFolder()
    const stop = new AbortController()
    const stopped = install(index, home, {
      signal: stop.signal,
      retryDelay: 10_000,
      onProgress: p => {
        if (p.what.startsWith('nvidia-cublas') && p.doneBytes >= 100_000) stop.abort()
      },
    })
    await expect(stopped).rejects.toMatchObject({
      code: 'cancelled',
      fix: 'Run `spw gpu install` again: it goes on where it stopped.',
    })
    expect(findCudaInstall(home, version)).toBeUndefined()
    expect(existsSync(gpuPaths(home).lock)).toBe(false)
    index.asked.length = 0
    await install(index, home)
    const asked = filesOf(index.asked)
    expect(asked[0]).toMatch(/nvidia_cublas-13\.10\S* bytes=\d+-$/)
    expect(asked.some(url => url.includes('onnxruntime'))).toBe(false)
  })

  test('a wrong checksum is a fault and leaves nothing behind that would be used', async () => {
    const index = await openIndex({ wrongChecksumOf: 'nvidia_cublas' })
    const home = temporaryFolder()
    await expect(install(index, home)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(
        /^nvidia_cublas-13\.10\.0\.20.* has the checksum .*, the listing says 000000000000…$/,
      ),
    })
    expect(await readdir(gpuPaths(home).downloads)).toEqual([])
    expect(findCudaInstall(home, version)).toBeUndefined()
  })

  test('an index without checksums is refused', async () => {
    const index = await openIndex({ page: 'html', noChecksums: true })
    await expect(install(index, temporaryFolder())).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/gives no sha256 for onnxruntime_gpu-.*cannot be checked$/),
    })
  })

  test('a version that the index lacks is named, with those it has', async () => {
    const without = (name: string) => name.startsWith(`onnxruntime_gpu-${version}`)
    const index = await openIndex({ without })
    await expect(install(index, temporaryFolder())).rejects.toMatchObject({
      code: 'not-found',
      message: `onnxruntime-gpu ==${version} for Linux x64 with glibc 2.36 is not on ${index.url}: it has 1.29.0`,
      fix: 'Name an index that has it: spw gpu install --index https://pypi.org/simple.',
    })
  })

  test('a second index is asked for what the first does not have', async () => {
    const first = await openIndex({ without: name => name.startsWith('nvidia') })
    const second = await openIndex({ without: name => name.startsWith('onnx') })
    const env = { PIP_INDEX_URL: first.url, PIP_EXTRA_INDEX_URL: second.url }
    const options = { home: temporaryFolder(), machine, env, pip: false, retryDelay: 5 }
    expect((await installCuda(options)).record.complete).toBe(true)
    expect(filesOf(first.asked)).toHaveLength(1)
  })

  test('user and password of the address are sent, and never shown', async () => {
    const index = await openIndex({ login: 'me:s3cret' })
    const home = temporaryFolder()
    const named = index.url.replace('http://', 'http://me:wrong@')
    const refused = await install(named, home).catch((error: Error) => error)
    expect(refused).toMatchObject({
      code: 'network',
      message: `${index.url} does not give onnxruntime-gpu without a right user and password (status 401)`,
    })
    const right = index.url.replace('http://', 'http://me:s3cret@')
    expect((await install(right, home)).record.complete).toBe(true)
    expect(readFileSync(join(home, 'gpu', version, 'installed.json'), 'utf8')).not.toMatch(/s3cret/)
  })

  test('an index out of reach, or one that is none', async () => {
    await expect(install('http://127.0.0.1:9/simple', temporaryFolder())).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:9\/simple cannot be reached: /),
    })
    const junk = await openIndex({ page: 'junk' })
    await expect(install(junk, temporaryFolder())).rejects.toMatchObject({
      code: 'network',
      message: `${junk.url} does not answer as a package index (asked for onnxruntime-gpu)`,
      fix: 'Check the address: it usually ends in /simple.',
    })
  })

  test('two installations at once: the second is reported, the lock of a dead one does not count', async () => {
    const index = await openIndex()
    const home = temporaryFolder()
    const { lock } = gpuPaths(home)
    await mkdir(lock, { recursive: true })
    const heldBy = (pid: number) => writeFileSync(join(lock, 'beat'), `${pid} ${thisHost}`)
    heldBy(process.pid)
    await expect(install(index, home)).rejects.toMatchObject({
      code: 'busy',
      message: `process ${process.pid} is installing or removing CUDA`,
    })
    heldBy(999999999)
    expect((await install(index, home)).record.complete).toBe(true)
  })

  test('a file cut off later is no installation any more', async () => {
    const index = await openIndex()
    const home = temporaryFolder()
    const { folder } = await install(index, home)
    truncateSync(join(folder, 'lib', 'libcudart.so.13'), 10)
    expect(findCudaInstall(home, version)).toBeUndefined()
    await install(index, home)
    expect(findCudaInstall(home, version)).toBeDefined()
  })
})

test.each([
  [
    'darwin',
    'arm64',
    /CUDA on Linux x64 only; this is darwin arm64/,
    /--device cpu, or use a Linux/,
  ],
  ['win32', 'x64', /this is win32 x64/, /inside WSL 2/],
  ['linux', 'arm64', /this is linux arm64/, /--device cpu/],
])('%s %s: a fault that says what to do', async (platform, arch, message, fix) => {
  const other = { platform, arch, glibc: '' }
  await expect(
    install('http://127.0.0.1:9/simple', temporaryFolder(), { machine: other }),
  ).rejects.toMatchObject({
    code: 'device',
    message: expect.stringMatching(message),
    fix: expect.stringMatching(fix),
  })
})
