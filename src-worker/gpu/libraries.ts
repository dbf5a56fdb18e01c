// Which package holds which library, and which libraries a machine has by itself.
import { Fault } from '../contract/fault'
import { normalName } from './wheel-name'

export const providerPackage = 'onnxruntime-gpu'
export const providerLibraries = [
  'libonnxruntime_providers_shared.so',
  'libonnxruntime_providers_cuda.so',
] as const
export const cudaProvider = providerLibraries[1]
export const driverLibrary = 'libcuda.so.1'

/** From CUDA 13 on NVIDIA's packages have no cu suffix. */
const packages: Readonly<Record<string, string>> = {
  libcudart: 'nvidia-cuda-runtime',
  libcublas: 'nvidia-cublas',
  libcublasLt: 'nvidia-cublas',
  libcurand: 'nvidia-curand',
  libcufft: 'nvidia-cufft',
  libnvrtc: 'nvidia-cuda-nvrtc',
  // libnvrtc opens it by name, so no library is linked with it
  'libnvrtc-builtins': 'nvidia-cuda-nvrtc',
  libnvJitLink: 'nvidia-nvjitlink',
}

/** libcublas.so.13 → libcublas, 13; undefined: not a shared library with a version */
const partsOf = (file: string) => /^(.+?)\.so\.(\d+)/.exec(file)

export const packageOf = (file: string): string | undefined => packages[partsOf(file)?.[1] ?? '']

/** libcublas.so.13 needs a package of version 13. */
export function majorRequirement(soname: string): string {
  const major = Number(partsOf(soname)?.[2])
  return Number.isNaN(major) ? '' : `>=${major},<${major + 1}`
}

const systems = /^(ld-linux.*|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s))\.so/

/** Libraries of NVIDIA's toolkit among those that a file is linked with. */
export const cudaLibraries = (needed: readonly string[]): readonly string[] =>
  needed.filter(soname => !systems.test(soname) && soname !== driverLibrary)

/** @throws Fault 'device' for a library that no package of ours holds */
export function packageFor(soname: string): string {
  const name = packageOf(soname)
  if (name !== undefined) return name
  throw new Fault(
    'device',
    `onnxruntime's CUDA provider needs ${soname}, and no known package holds it`,
    `Install ${soname} with your system's packages, and report this.`,
  )
}

/** nvidia-cublas~=13.0; extra == "cuda" → its name and what versions it may have */
export function parseRequirement(line: string): {
  readonly name: string
  readonly versions: string
} {
  const [, name = '', rest = ''] = /^\s*([\w.-]+)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(line) ?? []
  const versions = (rest.split(';')[0] ?? '').replace(/[()]/g, '').trim()
  return { name: normalName(name), versions }
}

/** The Requires-Dist lines of a METADATA file. */
export const requirementsOf = (metadata: string): readonly string[] =>
  (metadata.split(/\r?\n\r?\n/)[0] ?? '')
    .split(/\r?\n/)
    .flatMap(line => /^Requires-Dist:\s*(.+)$/i.exec(line)?.[1] ?? [])
