import { expect, test } from 'vitest'
import { installCuda } from '../../src-worker/gpu/install'
import { onnxruntime } from '../../src-worker/session/onnxruntime'
import { cudaFault } from '../../src-worker/session/probe'
import { temporaryFolder } from '../temporary'
import { openIndex } from './stand-in-index'

const here = process.platform === 'linux' && process.arch === 'x64'

test.skipIf(!here)(
  'CUDA installed while onnxruntime is loaded: a fault that says to restart',
  async () => {
    process.env.SPW_HOME = temporaryFolder() // nothing is installed there: the package's own copy is loaded
    onnxruntime()
    const home = temporaryFolder()
    const { url: index } = await openIndex()
    const machine = { platform: 'linux', arch: 'x64', glibc: '2.36' }
    await installCuda({ home, machine, index, env: {}, pip: false })
    expect((await cudaFault(0, { ...process.env, SPW_HOME: home }))?.toData()).toEqual({
      code: 'device',
      message: 'CUDA was installed after this engine had started',
      fix: 'Restart the workbench, then choose the device again.',
    })
  },
)
