// The real thing, hundreds of megabytes from the user's own index: SPW_TEST_GPU_INSTALL=1 npx vitest run tests/gpu
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readSharedObject } from '../../src-worker/gpu/elf'
import { installCuda } from '../../src-worker/gpu/install'
import { nvidiaGpus } from '../../src-worker/session/nvidia'
import { bundle } from '../setup/bundle.mjs'
import { temporaryFolder } from '../temporary'

const wanted = process.env.SPW_TEST_GPU_INSTALL === '1'

test.skipIf(!wanted)(
  `CUDA comes, and onnxruntime loads it as far as the driver${wanted ? '' : ' (skipped: set SPW_TEST_GPU_INSTALL=1, it downloads 500 MB)'}`,
  async () => {
    const home = temporaryFolder()
    const { folder, record } = await installCuda({ home })
    const { needed } = await readSharedObject(`${folder}/ort/libonnxruntime_providers_cuda.so`)
    expect(needed.filter(soname => /^libcu(blas|dart|rand)/.test(soname)).sort()).toEqual(
      record.preload.filter(soname => needed.includes(soname)).sort(),
    )
    const cli = await bundle(resolve(import.meta.dirname ?? __dirname, '../../src-worker/cli.ts'))
    const env = { ...process.env, SPW_HOME: home }
    const run = promisify(execFile)(process.execPath, [cli, 'gpu', 'doctor'], { env })
    const { stdout } = await run.catch((error: { stdout: string }) => error)
    if ((await nvidiaGpus()).length > 0) expect(stdout).toMatch(/CUDA works/)
    else expect(stdout).toContain('libcuda.so.1 is missing, so there is no NVIDIA driver')
  },
  1_800_000,
)
