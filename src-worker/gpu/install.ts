// spw gpu install: the CUDA provider of our very onnxruntime-node and the CUDA libraries it is linked with, below
// SPW_HOME. What is there and whole is not fetched again; what was interrupted goes on where it stopped.
import { constants } from 'node:fs'
import { copyFile, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { asFault, Fault } from '../contract/fault'
import {
  brokenFiles,
  type CudaRecord,
  gpuPaths,
  readRecord,
  versionPaths,
} from '../session/cuda-install'
import { bindingName, onnxruntimePackage, runtimeName } from '../session/onnxruntime'
import { replaceFile, temporaryPath, writeAtomically } from '../weights/atomic'
import { sha256OfFile } from '../weights/file-hash'
import { chooseWheel } from './choose'
import { readSharedObject } from './elf'
import { type FetchOptions, fetchPackage, type InstallProgress } from './fetch-package'
import {
  cudaLibraries,
  cudaProvider,
  majorRequirement,
  packageFor,
  packageOf,
  parseRequirement,
  providerLibraries,
  providerPackage,
} from './libraries'
import { withInstallLock } from './lock'
import { type PinnedWheels, pinnedWheels } from './pinned'
import { indexSettings, type SettingsOptions } from './pip-settings'
import { type Machine, thisMachine } from './wheel-name'

export interface InstallOptions extends SettingsOptions {
  readonly home: string
  readonly machine?: Machine
  readonly signal?: AbortSignal
  readonly retryDelay?: number
  readonly onProgress?: (progress: InstallProgress) => void
  /** default: those of this program */
  readonly pins?: PinnedWheels
}

export interface Installed {
  readonly folder: string
  readonly record: CudaRecord
  /** nothing had to be fetched */
  readonly already: boolean
}

/** @throws Fault 'device' where there is no CUDA provider for onnxruntime-node */
export function checkMachine({ platform, arch }: Machine): void {
  if (platform === 'linux' && arch === 'x64') return
  const fix =
    platform === 'win32'
      ? 'Install the workbench inside WSL 2, where CUDA works, or choose --device cpu.'
      : 'Choose --device cpu, or use a Linux x64 machine with an NVIDIA GPU, over SSH for instance.'
  const message = `onnxruntime-node has CUDA on Linux x64 only; this is ${platform} ${arch}`
  throw new Fault('device', message, fix)
}

/** What is being put together; `record` is replaced after each package. */
interface Assembly extends FetchOptions {
  readonly machine: Machine
  readonly version: string
  record: CudaRecord
}

const save = (assembly: Assembly): Promise<void> =>
  writeAtomically(join(assembly.folder, 'installed.json'), JSON.stringify(assembly.record, null, 1))

const isLibrary = (path: string): boolean => /\.so(\.\d+)*$/.test(path)

/** What keeps the loader from reading a library; undefined: nothing that its header shows. */
async function damageOf(path: string): Promise<Fault | undefined> {
  if (!isLibrary(path)) return undefined
  try {
    await readSharedObject(path)
    return undefined
  } catch (error) {
    return asFault(error)
  }
}

/** Drops packages with a file that is not what was written, so that they are fetched again. */
async function sound(
  folder: string,
  record: CudaRecord,
  signal?: AbortSignal,
): Promise<CudaRecord> {
  const broken = new Set(brokenFiles({ folder, record }).map(file => file.from))
  for (const file of record.files)
    if (!broken.has(file.from)) {
      const path = join(folder, file.path)
      const changed = (await sha256OfFile(path, signal)) !== file.sha256
      if (changed || (await damageOf(path)) !== undefined) broken.add(file.from)
    }
  if (broken.size === 0) return record
  return {
    ...record,
    complete: false,
    packages: record.packages.filter(({ name }) => !broken.has(name)),
    files: record.files.filter(({ from }) => !broken.has(from)),
  }
}

/** Brings a package unless it is there, and writes that down. */
async function ensure(
  assembly: Assembly,
  name: string,
  versions: string,
  wanted: (library: string) => boolean,
  place: string,
): Promise<CudaRecord['packages'][number]> {
  const known = assembly.record.packages.find(p => p.name === name)
  if (known !== undefined) return known
  const wheel = await chooseWheel(name, versions, assembly.machine, assembly.request, assembly.pins)
  const fetched = await fetchPackage(wheel, wanted, place, assembly)
  for (const { path } of fetched.files) {
    const damage = await damageOf(join(assembly.folder, path))
    // not written down, so that the next installation fetches it anew
    if (damage !== undefined)
      throw new Fault(
        'bad-file',
        `${wheel.file.filename} is as its index lists it, but damaged: ${damage.message}`,
        'Name another index: spw gpu install --index https://pypi.org/simple.',
        { cause: damage },
      )
  }
  const { record } = assembly
  assembly.record = {
    ...record,
    packages: [...record.packages, fetched.package],
    files: [...record.files, ...fetched.files],
  }
  await save(assembly)
  return fetched.package
}

/** Copies of onnxruntime-node's own native files, to lie beside the provider. */
async function copyRuntime(assembly: Assembly, native: string): Promise<void> {
  const from = 'onnxruntime-node'
  if (assembly.record.files.some(file => file.from === from)) return
  const files: CudaRecord['files'] = []
  await mkdir(join(assembly.folder, 'ort'), { recursive: true })
  for (const name of [bindingName, runtimeName]) {
    const target = join(assembly.folder, 'ort', name)
    const temporary = temporaryPath(target)
    await copyFile(join(native, name), temporary, constants.COPYFILE_FICLONE)
    await replaceFile(temporary, target)
    const { size } = await stat(target)
    files.push({ path: `ort/${name}`, bytes: size, sha256: await sha256OfFile(target), from })
  }
  assembly.record = { ...assembly.record, files: [...assembly.record.files, ...files] }
}

/** What all packages so far require of this one. */
const requiredVersions = ({ record }: Assembly, name: string): readonly string[] =>
  record.packages
    .flatMap(p => p.requires.map(parseRequirement))
    .filter(r => r.name === name && r.versions !== '')
    .map(r => r.versions)

/** Brings a library and all it is linked with; their sonames go to `order`, the deepest first. */
async function bring(assembly: Assembly, soname: string, order: string[]): Promise<void> {
  if (order.includes(soname)) return
  const name = packageFor(soname)
  const versions = [...requiredVersions(assembly, name), majorRequirement(soname)].join(',')
  await ensure(assembly, name, versions, library => packageOf(library) === name, 'lib')
  const path = `lib/${soname}`
  if (!assembly.record.files.some(file => file.path === path))
    throw new Fault(
      'bad-file',
      `${name} holds no ${soname}, which the CUDA provider needs`,
      'Report this with the output of `spw gpu doctor --json`.',
    )
  const { needed } = await readSharedObject(join(assembly.folder, path))
  for (const next of cudaLibraries(needed)) await bring(assembly, next, order)
  order.push(soname)
}

/** Packages that NVIDIA's packages require without being linked with them: they open them by name. */
async function bringOpenedByName(assembly: Assembly): Promise<void> {
  const own = assembly.record.packages.filter(p => p.name.startsWith('nvidia-'))
  const required = own.flatMap(p => p.requires.filter(r => !r.includes(';')).map(parseRequirement))
  for (const { name } of required.filter(r => r.name.startsWith('nvidia-'))) {
    const versions = requiredVersions(assembly, name).join(',')
    await ensure(assembly, name, versions, library => packageOf(library) === name, 'lib')
  }
}

async function assemble(assembly: Assembly, native: string): Promise<void> {
  const { version } = assembly
  const isProvider = (library: string) => providerLibraries.some(l => l === library)
  await ensure(assembly, providerPackage, `==${version}`, isProvider, 'ort')
  await copyRuntime(assembly, native)
  const { needed } = await readSharedObject(join(assembly.folder, 'ort', cudaProvider))
  const preload: string[] = []
  for (const soname of cudaLibraries(needed)) await bring(assembly, soname, preload)
  await bringOpenedByName(assembly)
  assembly.record = { ...assembly.record, complete: true, preload }
  await save(assembly)
}

async function installLocked(options: InstallOptions, machine: Machine): Promise<Installed> {
  const { home, signal, retryDelay, pins = pinnedWheels, onProgress = () => undefined } = options
  const { version, native } = onnxruntimePackage()
  const { folder } = versionPaths(home, version)
  const none = { onnxruntime: version, complete: false, packages: [], files: [], preload: [] }
  const record = await sound(folder, readRecord(home, version) ?? none, signal)
  if (record.complete) return { folder, record, already: true }
  const request = {
    ...(await indexSettings(options)),
    ...(signal && { signal }),
    ...(retryDelay !== undefined && { retryDelay }),
  }
  const { downloads } = gpuPaths(home)
  const assembly = { request, downloads, folder, onProgress, pins, machine, version, record }
  await assemble(assembly, native)
  return { folder, record: assembly.record, already: false }
}

/**
 * Faults: device (not Linux x64), not-found (no such version), network (unreachable, wrong checksum), busy, disk,
 * cancelled.
 */
export async function installCuda(options: InstallOptions): Promise<Installed> {
  const { machine = thisMachine(), home, signal } = options
  checkMachine(machine)
  try {
    return await withInstallLock(home, () => installLocked(options, machine))
  } catch (error) {
    if (signal?.aborted !== true) throw error
    const fix = 'Run `spw gpu install` again: it goes on where it stopped.'
    throw new Fault('cancelled', 'the installation was stopped', fix, { cause: error })
  }
}
