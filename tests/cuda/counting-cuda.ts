// A CUDA that counts: onnxruntime's own CUDA provider on libraries that execute nothing (counting/*.c). Kernels,
// products, copies and allocations are counted; results are garbage, so programs are driven below the check of a device.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { withFileLock } from '../../src-worker/dataset/file-lock'
import { chooseWheel } from '../../src-worker/gpu/choose'
import { fetchPackage } from '../../src-worker/gpu/fetch-package'
import { providerLibraries, providerPackage } from '../../src-worker/gpu/libraries'
import { pinnedWheels } from '../../src-worker/gpu/pinned'
import { indexSettings } from '../../src-worker/gpu/pip-settings'
import { thisMachine } from '../../src-worker/gpu/wheel-name'
import { type CudaRecord, versionPaths } from '../../src-worker/session/cuda-install'
import { bindingName, onnxruntimePackage, runtimeName } from '../../src-worker/session/onnxruntime'

/** soname → sources and flags. cudart holds the table, so the others are linked with it. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  'libcudart.so.13': ['memory.c', 'device.c', '-lpthread'],
  'libcublasLt.so.13': ['-DLT', 'products.c'],
  'libcublas.so.13': ['products.c'],
  'libcurand.so.10': ['-DEMPTY', 'products.c'],
}
const driver = 'libcuda.so.1'
const sources = ['counts.h', 'memory.c', 'device.c', 'products.c']
// tests and the benchmark run in the project's folder
const sourceFolder = resolve('tests/cuda/counting')

const cache = join(homedir(), '.cache', 'soft-prompt-workbench')

/** Why there can be no counting CUDA here; undefined: there can. Whether the wheel is to be had only its download tells. */
export function reasonAgainst(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the provider is for Linux x64'
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'there is no C compiler (cc)'
  }
}

function compile(): string {
  const texts = sources.map(name => readFileSync(join(sourceFolder, name)))
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  const folder = join(cache, `counting-cuda-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  const made = `${folder}.${process.pid}`
  mkdirSync(made, { recursive: true })
  const cc = (args: readonly string[]) =>
    execFileSync('cc', ['-O1', '-shared', '-fPIC', ...args], { cwd: sourceFolder })
  for (const [soname, parts] of Object.entries(libraries)) {
    const versions = join(made, 'versions')
    // the provider asks for symbols of the version that is the library's name
    writeFileSync(versions, `${soname} { global: *; };\n`)
    const target = join(made, soname)
    const cudart = soname.startsWith('libcublas') ? [join(made, 'libcudart.so.13')] : []
    const names = [`-Wl,-soname,${soname}`, `-Wl,--version-script=${versions}`]
    cc([...parts, ...cudart, '-o', target, ...names])
  }
  cc(['-DDRIVER', 'products.c', '-o', join(made, driver), `-Wl,-soname,${driver}`])
  try {
    renameSync(made, folder)
  } catch {
    // another process was as quick
    rmSync(made, { recursive: true, force: true })
  }
  return folder
}

/** The provider's libraries out of the wheel, fetched once a user (250 MB): by one process, which others wait for. */
async function provider(version: string): Promise<string> {
  const folder = join(cache, `cuda-provider-${version}`)
  const whole = join(folder, 'whole')
  mkdirSync(cache, { recursive: true })
  if (!existsSync(whole))
    await withFileLock(`${folder}.lock`, undefined, async () => {
      if (!existsSync(whole)) await fetchProvider(version, folder)
    })
  return join(folder, 'ort')
}

async function fetchProvider(version: string, folder: string): Promise<void> {
  const request = { ...(await indexSettings({})), retryDelay: 100 }
  const wheel = await chooseWheel(
    providerPackage,
    `==${version}`,
    thisMachine(),
    request,
    pinnedWheels,
  )
  const wanted = (library: string) => providerLibraries.some(name => name === library)
  const options = {
    pins: pinnedWheels,
    request,
    downloads: folder,
    folder,
    onProgress: () => undefined,
  }
  await fetchPackage(wheel, wanted, 'ort', options)
  writeFileSync(join(folder, 'whole'), '')
}

function link(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

export interface CountingCuda {
  /** SPW_HOME with what `spw gpu install` leaves there */
  readonly home: string
  /** of a process that shall find it; the table of counts is a file of its own */
  env(table: string, more?: NodeJS.ProcessEnv): NodeJS.ProcessEnv
}

/** Lays a home out as `spw gpu install` does, with the counting libraries. @throws where cc or the wheel is not to be had */
export async function countingCuda(home: string): Promise<CountingCuda> {
  const { version, native } = onnxruntimePackage()
  const [built, ort] = [compile(), await provider(version)]
  const paths = versionPaths(home, version)
  for (const folder of [paths.ort, paths.lib]) mkdirSync(folder, { recursive: true })
  const files: CudaRecord['files'] = []
  const put = (from: string, path: string, by: string): void => {
    const target = join(paths.folder, path)
    link(from, target)
    // the checksums are for `spw gpu install`, which is not tried here
    files.push({ path, bytes: statSync(target).size, sha256: '', from: by })
  }
  for (const name of [bindingName, runtimeName])
    put(join(native, name), `ort/${name}`, 'onnxruntime-node')
  for (const name of providerLibraries) put(join(ort, name), `ort/${name}`, providerPackage)
  const preload = Object.keys(libraries)
  for (const name of preload) put(join(built, name), `lib/${name}`, 'counting')
  const record: CudaRecord = { onnxruntime: version, complete: true, packages: [], files, preload }
  writeFileSync(paths.record, JSON.stringify(record))
  const drivers = join(home, 'driver')
  mkdirSync(drivers, { recursive: true })
  link(join(built, driver), join(drivers, driver))
  const card = '0, Counting H100, 81559, 81000, 580.65.06, 9.0, GPU-00000000-counting'
  writeFileSync(join(drivers, 'nvidia-smi'), `#!/bin/sh\necho "${card}"\n`)
  chmodSync(join(drivers, 'nvidia-smi'), 0o755)
  return {
    home,
    env: (table, more = {}) => ({
      ...process.env,
      SPW_HOME: home,
      PATH: `${drivers}:${process.env.PATH}`,
      LD_LIBRARY_PATH: drivers,
      COUNTING_CUDA_TABLE: table,
      NVIDIA_TF32_OVERRIDE: '0',
      ...more,
    }),
  }
}
