// The wheel of a package that fits this machine and what is required of it: the one this program knows, else the newest.
import { Fault } from '../contract/fault'
import { type FoundFile, findFiles, type IndexRequest, withoutCredentials } from './package-index'
import type { PinnedWheels } from './pinned'
import { compareVersions, meets, type Version } from './version'
import { fits, type Machine, normalName, parseWheelName } from './wheel-name'

export interface ChosenWheel {
  readonly name: string
  readonly version: string
  readonly file: FoundFile
}

const versionOf = (file: FoundFile): Version | undefined => parseWheelName(file.filename)?.version

/** Versions of a package that have a wheel for this machine, the newest first. */
const versionsAmong = (files: readonly FoundFile[], machine: Machine): readonly string[] => {
  const versions = files.flatMap(file => {
    const wheel = parseWheelName(file.filename)
    return wheel !== undefined && fits(wheel, machine) ? [wheel.version] : []
  })
  return [...new Set(versions.sort((a, b) => compareVersions(b, a)).map(v => v.text))]
}

function notThere(
  what: string,
  all: readonly FoundFile[],
  machine: Machine,
  request: IndexRequest,
): Fault {
  const places = request.indexes.map(withoutCredentials).join(', ')
  const versions = versionsAmong(all, machine)
  const few = `${versions.slice(0, 4).join(', ')}${versions.length > 4 ? ', …' : ''}`
  const instead = versions.length > 0 ? `it has ${few}` : 'it has no wheel for this machine'
  const glibc = machine.glibc === '' ? '' : ` with glibc ${machine.glibc}`
  return new Fault(
    'not-found',
    `${what} for Linux x64${glibc} is not on ${places}: ${all.length > 0 ? instead : 'it does not know the package'}`,
    'Name an index that has it: spw gpu install --index https://pypi.org/simple.',
  )
}

/**
 * @param versions what is required, as ~=13.0; == takes early and withdrawn versions too
 * @throws Fault 'not-found' with the versions there are, 'network'
 */
export async function chooseWheel(
  name: string,
  versions: string,
  machine: Machine,
  request: IndexRequest,
  pins: PinnedWheels,
): Promise<ChosenWheel> {
  const exact = versions.startsWith('==')
  const wanted = (file: FoundFile): boolean => {
    const wheel = parseWheelName(file.filename)
    if (wheel === undefined || wheel.name !== normalName(name) || !fits(wheel, machine))
      return false
    if (!exact && (file.yanked || wheel.version.early)) return false
    return meets(wheel.version, versions)
  }
  const { wanted: files, all } = await findFiles(name, wanted, request)
  // wheels of one version differ in the Python they are for, which their libraries do not know: any will do
  const [best] = [...files].sort((a, b) => {
    const known = Number(b.filename in pins) - Number(a.filename in pins)
    if (known !== 0) return known
    const newest = compareVersions(versionOf(b)!, versionOf(a)!)
    return newest !== 0 ? newest : a.filename < b.filename ? -1 : 1
  })
  if (best === undefined) throw notThere(`${name} ${versions}`.trim(), all, machine, request)
  return { name, version: versionOf(best)!.text, file: best }
}
