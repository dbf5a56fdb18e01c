// What the program knows of a wheel counts more than what an index says of it.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { installCuda } from '../../src-worker/gpu/install'
import { checkPinned, pinnedWheels } from '../../src-worker/gpu/pinned'
import { onnxruntimePackage } from '../../src-worker/session/onnxruntime'
import { temporaryFolder } from '../temporary'
import { openIndex, wheels } from './stand-in-index'

const machine = { platform: 'linux', arch: 'x64', glibc: '2.36' }
const here = process.platform === 'linux' && process.arch === 'x64'
const [cublas = ''] = Object.keys(wheels).filter(name => name.startsWith('nvidia_cublas-13.10'))
const install = async (pins: Readonly<Record<string, string>>) => {
  const { url } = await openIndex({})
  return installCuda({ home: temporaryFolder(), machine, index: url, env: {}, pip: false, pins })
}

test('the provider of this very onnxruntime is pinned, each by a whole sha256', () => {
  const provider = `onnxruntime_gpu-${onnxruntimePackage().version}-`
  expect(Object.keys(pinnedWheels).some(name => name.startsWith(provider))).toBe(true)
  for (const sum of Object.values(pinnedWheels)) expect(sum).toMatch(/^[\da-f]{64}$/)
})

test('other content under a known name is refused, an unknown name is not', () => {
  const [[name, sum] = ['', '']] = Object.entries(pinnedWheels)
  expect(() => checkPinned(name, '0'.repeat(64), pinnedWheels)).toThrow(
    `${name} has sha256 000000000000… on this index, but ${sum.slice(0, 12)}… is known`,
  )
  checkPinned(name, sum, pinnedWheels)
  checkPinned('a-1.0-py3-none-any.whl', '0'.repeat(64), pinnedWheels)
})

test.skipIf(!here)(
  'an index that serves another file under a known name installs nothing',
  async () => {
    await expect(install({ [cublas]: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringContaining(`${cublas} has sha256 `),
    })
    const sum = createHash('sha256')
      .update(wheels[cublas] as Uint8Array)
      .digest('hex')
    expect((await install({ [cublas]: sum })).record.complete).toBe(true)
  },
)

test.skipIf(!here)('the known version is taken before a newer one', async () => {
  const [old = ''] = Object.keys(wheels).filter(name => name.startsWith('nvidia_cublas-13.9'))
  // it holds no library at all: that it was chosen shows in the refusal
  const sum = createHash('sha256')
    .update(wheels[old] as Uint8Array)
    .digest('hex')
  await expect(install({ [old]: sum })).rejects.toMatchObject({
    message: expect.stringContaining(old),
  })
})
