// Which copy of onnxruntime this process uses. onnxruntime looks for its CUDA provider beside libonnxruntime.so.1, so
// where `spw gpu install` has laid a copy of it beside the provider, that copy is loaded instead of the one in
// node_modules, for all devices: a process can hold one libonnxruntime.so.1 only. The JavaScript stays the package's.
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { Fault } from '../contract/fault'
import { type CudaInstall, engineHome, findCudaInstall, firstCudaInstall } from './cuda-install'

export type Onnxruntime = typeof import('onnxruntime-node')

const fromHere = createRequire(__filename)

export const bindingName = 'onnxruntime_binding.node'
export const runtimeName = 'libonnxruntime.so.1'

export interface OnnxruntimePackage {
  readonly version: string
  /** folder of its native files for this machine */
  readonly native: string
}

export function onnxruntimePackage(): OnnxruntimePackage {
  const { version } = fromHere('onnxruntime-node/package.json') as { version: string }
  const folder = dirname(fromHere.resolve('onnxruntime-node/package.json'))
  return { version, native: join(folder, 'bin', 'napi-v6', process.platform, process.arch) }
}

/** The installation of CUDA for our onnxruntime-node, when there is a whole one: in SPW_HOME, or in the bundle. */
export function cudaInstall(): CudaInstall | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const { SPW_BUNDLE } = process.env
  const homes = [engineHome(), ...(SPW_BUNDLE ? [SPW_BUNDLE] : [])]
  return firstCudaInstall(homes, onnxruntimePackage().version)
}

/** The copies of a library that this process has mapped (Linux). */
function mapped(library: string): readonly string[] {
  try {
    const lines = readFileSync('/proc/self/maps', 'utf8').split('\n')
    const paths = lines.map(line => line.slice(line.indexOf('/')))
    return [...new Set(paths.filter(path => path.endsWith(`/${library}`)))]
  } catch {
    return []
  }
}

/** Whether another libonnxruntime.so.1 came first: the loader would give us that one for ours. */
const cameTooLate = ({ folder }: CudaInstall): boolean => {
  const ours = realpathSync(join(folder, 'ort', runtimeName))
  return mapped(runtimeName).some(path => path !== ours)
}

/** Whether CUDA lies in a home for nothing until this process ends: it had loaded onnxruntime before. */
export function cudaCameLate(home: string): boolean {
  const install = findCudaInstall(home, onnxruntimePackage().version)
  return install !== undefined && cameTooLate(install)
}

/** Loads the native part from the installation, in the place where the package will look for it. */
function bindTo({ folder }: CudaInstall, place: string): void {
  const module = new Module(place)
  module.filename = place
  process.dlopen(module, join(folder, 'ort', bindingName))
  module.loaded = true
  fromHere.cache[place] = module
}

let loaded: Onnxruntime | undefined

/** onnxruntime-node, loaded when first asked for. */
export function onnxruntime(): Onnxruntime {
  if (loaded !== undefined) return loaded
  const place = join(onnxruntimePackage().native, bindingName)
  const install = cudaInstall()
  if (install !== undefined && fromHere.cache[place] === undefined && !cameTooLate(install))
    bindTo(install, place)
  loaded = fromHere('onnxruntime-node') as Onnxruntime
  return loaded
}

/** Where onnxruntime looks for its providers: beside libonnxruntime.so.1. */
export const providerFolder = (): string => {
  const install = cudaInstall()
  return install === undefined ? onnxruntimePackage().native : join(install.folder, 'ort')
}

/** glibc's RTLD_NODELETE: the library stays although Node closes it again. Node has no name for it. */
const stay = 0x1000

/**
 * Loads a library that is no Node module and keeps it in the process.
 * @throws what the loader says, when it does not load
 */
export function keepLibrary(path: string): void {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_LAZY | stay)
  } catch (error) {
    // Node expects a module; that the library is loaded all the same is what we want
    if (!/did not self-register/.test((error as Error).message)) throw error
  }
}

/**
 * Makes the installed CUDA libraries known to the loader, by their sonames, before the provider asks for them: so no
 * LD_LIBRARY_PATH is needed. Without an installation the system's libraries must do.
 * @throws Fault 'device' when CUDA was installed after this process had loaded onnxruntime
 */
export function prepareCuda(): void {
  const install = cudaInstall()
  if (install === undefined) return
  if (cameTooLate(install))
    throw new Fault(
      'device',
      'CUDA was installed after this engine had started',
      'Restart the workbench, then choose the device again.',
    )
  for (const soname of install.record.preload) keepLibrary(join(install.folder, 'lib', soname))
}
