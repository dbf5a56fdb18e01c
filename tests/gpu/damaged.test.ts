// Libraries that are damaged although their checksums are right.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installCuda } from '../../src-worker/gpu/install'
import { findCudaInstall } from '../../src-worker/session/cuda-install'
import { onnxruntimePackage } from '../../src-worker/session/onnxruntime'
import { temporaryFolder } from '../temporary'
import { damagedCurand, openIndex, type StandIn } from './stand-in-index'

const { version } = onnxruntimePackage()
const machine = { platform: 'linux', arch: 'x64', glibc: '2.36' }
const here = process.platform === 'linux' && process.arch === 'x64'

const install = ({ url }: StandIn, home: string) =>
  installCuda({ home, machine, index: url, env: {}, pip: false, retryDelay: 5 })

test.skipIf(!here)(
  'a wheel that is damaged as it is listed is refused, and fetched again the next time',
  async () => {
    const isCurand = (name: string) => name.startsWith('nvidia_curand')
    const index = await openIndex({
      instead: name => (isCurand(name) ? damagedCurand : undefined),
    })
    const home = temporaryFolder()
    await expect(install(index, home)).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(
        /^nvidia_curand-10\.4\.5.* is as its index lists it, but damaged: libcurand\.so\.10 is not a shared library: the file ends too early, after \d+ of \d+ bytes$/,
      ),
    })
    expect(findCudaInstall(home, version)).toBeUndefined()
    index.manners = {}
    index.asked.length = 0
    expect((await install(index, home)).record.complete).toBe(true)
    expect(index.asked.some(url => url.startsWith('/files/nvidia_curand'))).toBe(true)
  },
)

test.skipIf(!here)(
  'a damaged library that an older version wrote down as installed is fetched again',
  async () => {
    const index = await openIndex()
    const home = temporaryFolder()
    const { folder, record } = await install(index, home)
    const path = join(folder, 'lib', 'libcurand.so.10')
    const cut = readFileSync(path).subarray(0, -40)
    writeFileSync(path, cut)
    const sha256 = createHash('sha256').update(cut).digest('hex')
    const files = record.files.map(file =>
      file.path === 'lib/libcurand.so.10' ? { ...file, bytes: cut.length, sha256 } : file,
    )
    writeFileSync(join(folder, 'installed.json'), JSON.stringify({ ...record, files }))
    expect((await install(index, home)).already).toBe(false)
    expect(readFileSync(path).length).toBeGreaterThan(cut.length)
  },
)
