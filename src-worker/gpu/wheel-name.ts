// What the name of a wheel says: package, version, and the Linux machines it is for (PEP 427, 600).
import { parseVersion, type Version } from './version'

/** What a wheel's libraries must fit. */
export interface Machine {
  readonly platform: string
  readonly arch: string
  /** version of the C library, as 2.36; empty: unknown */
  readonly glibc: string
}

export interface WheelName {
  /** normalised */
  readonly name: string
  readonly version: Version
  readonly platforms: readonly string[]
}

/** nvidia_cuda.Runtime → nvidia-cuda-runtime (PEP 503) */
export const normalName = (name: string): string => name.replace(/[-_.]+/g, '-').toLowerCase()

/** undefined: not the name of a wheel. */
export function parseWheelName(file: string): WheelName | undefined {
  const parts = file.replace(/\.whl$/, '').split('-')
  if (!file.endsWith('.whl') || parts.length < 5 || parts.length > 6) return undefined
  const version = parseVersion(parts[1]!)
  if (version === undefined) return undefined
  return { name: normalName(parts[0]!), version, platforms: parts.at(-1)!.split('.') }
}

/** Names from before PEP 600, by the glibc they stand for. */
const oldNames: Readonly<Record<string, number>> = {
  manylinux1: 5,
  manylinux2010: 12,
  manylinux2014: 17,
}

/** Minor version of glibc 2.x that a platform tag asks for; undefined: not for Linux x64. */
function neededGlibc(tag: string): number | undefined {
  if (tag === 'linux_x86_64') return 0
  const match = /^(manylinux\d+|manylinux_2_(\d+))_x86_64$/.exec(tag)
  if (match === null) return undefined
  return match[2] === undefined ? oldNames[match[1]!] : Number(match[2])
}

/** Whether the wheel's libraries load here: Linux x64 with a C library that is new enough. */
export function fits({ platforms }: WheelName, { glibc }: Machine): boolean {
  const have = Number(/^2\.(\d+)/.exec(glibc)?.[1] ?? Number.POSITIVE_INFINITY)
  return platforms.some(tag => (neededGlibc(tag) ?? Number.POSITIVE_INFINITY) <= have)
}

/** This machine. */
export function thisMachine(): Machine {
  const { platform, arch } = process
  if (platform !== 'linux') return { platform, arch, glibc: '' }
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean }
  report.excludeNetwork = true // else it asks for host names, which takes seconds
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return { platform, arch, glibc: header?.glibcVersionRuntime ?? '' }
}
