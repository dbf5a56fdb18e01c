// spw gpu doctor: what CUDA needs here, step by step, and the one thing to do next.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { asFault } from '../contract/fault'
import { brokenFiles, readRecord, versionPaths } from '../session/cuda-install'
import { keepLibrary, onnxruntimePackage, runtimeName } from '../session/onnxruntime'
import { cudaFault } from '../session/probe'
import { driverStep, gpuStep } from './driver'
import { readSharedObject } from './elf'
import type { Finding } from './finding'
import { checkMachine } from './install'
import { cudaLibraries, cudaProvider, providerLibraries } from './libraries'
import { type Machine, thisMachine } from './wheel-name'

export interface Diagnosis {
  readonly ok: boolean
  readonly onnxruntime: string
  readonly folder: string
  readonly steps: readonly Finding[]
  /** null: nothing is missing */
  readonly next: string | null
}

const install = 'Run `spw gpu install`.'
const good = (name: string, found: string): Finding => ({ name, ok: true, found, fix: null })
const bad = (name: string, found: string, fix: string): Finding => ({ name, ok: false, found, fix })

function machineStep(machine: Machine): Finding {
  const { platform, arch, glibc } = machine
  const what = `${platform} ${arch}${glibc === '' ? '' : `, glibc ${glibc}`}`
  try {
    checkMachine(machine)
    return good('machine', what)
  } catch (error) {
    return bad('machine', what, asFault(error).fix)
  }
}

/** The installation: there, for this version, whole? */
function installStep(home: string, version: string): Finding {
  const name = 'installation'
  const { folder } = versionPaths(home, version)
  const record = readRecord(home, version)
  if (record === undefined)
    return bad(name, `nothing for onnxruntime-node ${version} in ${folder}`, install)
  if (!record.complete) return bad(name, 'interrupted', 'Run `spw gpu install`: it goes on.')
  const broken = brokenFiles({ folder, record }).map(file => file.path)
  if (broken.length > 0)
    return bad(
      name,
      `missing or damaged: ${broken.join(', ')}`,
      'Run `spw gpu install`: that installs it again.',
    )
  const packages = record.packages.map(p => `${p.name} ${p.version}`)
  return good(name, packages.join(', '))
}

/** Whether the loader finds a library; what it says when it does not. */
function loads(path: string): string {
  try {
    keepLibrary(path)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

function libraryStep(soname: string, folder: string): Finding {
  const own = join(folder, 'lib', soname)
  const path = existsSync(own) ? own : soname
  const said = loads(path)
  return said === ''
    ? good(soname, path === own ? own : 'by the system')
    : bad(soname, said, install)
}

interface Place {
  readonly folder: string
  /** false: onnxruntime-node's own install script brought the provider, so that ours is not needed */
  readonly ours: boolean
}

function providerPlace(home: string): Place {
  const { version, native } = onnxruntimePackage()
  const own = readRecord(home, version) === undefined && existsSync(join(native, cudaProvider))
  return own
    ? { folder: native, ours: false }
    : { folder: versionPaths(home, version).ort, ours: true }
}

/** The provider beside libonnxruntime.so.1, and each library that it is linked with. */
async function librarySteps(home: string, place: Place): Promise<readonly Finding[]> {
  const { version } = onnxruntimePackage()
  const files = [runtimeName, ...providerLibraries]
  const missing = files.filter(name => !existsSync(join(place.folder, name)))
  if (missing.length > 0)
    return [bad('provider', `${missing.join(', ')} not in ${place.folder}`, install)]
  const provider = join(place.folder, cudaProvider)
  const found = `${cudaProvider} ${version} beside ${runtimeName} in ${place.folder}`
  try {
    const { needed } = await readSharedObject(provider)
    const { folder } = versionPaths(home, version)
    // in the order of loading: a library serves those after it
    const order = readRecord(home, version)?.preload ?? []
    const all = cudaLibraries(needed)
    const sonames = [...order.filter(s => all.includes(s)), ...all.filter(s => !order.includes(s))]
    const libraries = sonames.map(soname => libraryStep(soname, folder))
    return [good('provider', found), ...libraries]
  } catch (error) {
    const { message, fix } = asFault(error)
    return [bad('provider', message, fix)]
  }
}

/** Everything together, tried in a thread of its own. */
async function computeStep(home: string): Promise<Finding> {
  const fault = await cudaFault(0, { ...process.env, SPW_HOME: home })
  const name = 'onnxruntime computes on cuda:0'
  return fault === undefined ? good(name, 'yes') : bad(name, fault.message, fault.fix)
}

export async function diagnose(home: string, machine = thisMachine()): Promise<Diagnosis> {
  const { version } = onnxruntimePackage()
  const steps = [machineStep(machine)]
  if (steps[0]?.ok === true) {
    const place = providerPlace(home)
    steps.push(driverStep(loads), await gpuStep())
    if (place.ours) steps.push(installStep(home, version))
    steps.push(...(await librarySteps(home, place)), await computeStep(home))
  }
  const next = steps.find(step => !step.ok)?.fix ?? null
  const { folder } = versionPaths(home, version)
  return { ok: next === null, onnxruntime: version, folder, steps, next }
}
