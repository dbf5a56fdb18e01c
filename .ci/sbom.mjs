// `npm run sbom`: what this program is made of. Checks the lockfile, then writes to out/sbom/:
//   sbom.cdx.json   CycloneDX, by `npm sbom`: everything, what only builds and tests it marked as development
//   licences.md     name, version and licence of what is shipped, each with the licence texts that it brought
// Ends with 1 when a package is not pinned by version and sha512, or its licence is not one that may be shipped.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm, root } from './node-modules.mjs'

const read = path => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** Licences that MIT code may be shipped with; what only builds and tests is not shipped. */
const shippable =
  /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|OFL-1\.1|Unlicense|Python-2\.0|WTFPL)$/
const parts = licence => licence.replace(/[()]/g, '').split(/ OR /)
export const mayBeShipped = licence => parts(licence ?? '').some(one => shippable.test(one))

/** What is wrong in a lockfile beside its package.json, one line each. */
export function lockfileFaults(manifest, lockfile) {
  const faults = []
  const { '': own, ...packages } = lockfile.packages
  for (const kind of ['dependencies', 'devDependencies'])
    for (const [name, wanted] of Object.entries(manifest[kind] ?? {})) {
      // a package under another name of ours: npm:NAME@VERSION
      const version = wanted.replace(/^npm:[^@]+@/, '')
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) faults.push(`${name} ${wanted} is not pinned`)
      if (own?.[kind]?.[name] !== wanted) faults.push(`the lockfile has another ${name}`)
      const found = packages[`node_modules/${name}`]
      if (found?.version !== version) faults.push(`${name} is locked to ${found?.version}`)
    }
  for (const [path, { integrity, resolved, link, license, dev }] of Object.entries(packages)) {
    if (link || !/^sha512-[\w+/]{86}==$/.test(integrity ?? '')) faults.push(`${path} has no sha512`)
    if (resolved !== undefined && !resolved.startsWith('https://'))
      faults.push(`${path} comes from ${resolved}`)
    if (!dev && !mayBeShipped(license))
      faults.push(`${path}: licence ${license} may not be shipped`)
  }
  return faults
}

/** Licence and notice files of an installed package. */
function textsOf(path) {
  const names = readdirSync(join(root, path)).filter(name =>
    /^(licen[cs]e|notice|copying)/i.test(name),
  )
  return names.flatMap(name => {
    try {
      return [readFileSync(join(root, path, name), 'utf8').trim()]
    } catch {
      return [] // a folder of that name
    }
  })
}

function licences(lockfile) {
  const shipped = Object.entries(lockfile.packages).filter(([path, { dev }]) => path !== '' && !dev)
  const sections = shipped.flatMap(([path, { version, license, optional }]) => {
    const name = path.replace(/^.*node_modules\//, '')
    try {
      return [
        `## ${name} ${version}\n\n${license}\n\n${textsOf(path)
          .map(t => `~~~\n${t}\n~~~`)
          .join('\n\n')}`,
      ]
    } catch (error) {
      if (optional) return [] // for another platform
      throw error
    }
  })
  return {
    count: sections.length,
    text: `# Licences of what is shipped\n\n${sections.join('\n\n')}\n`,
  }
}

function main() {
  const [manifest, lockfile] = [read('package.json'), read('package-lock.json')]
  const faults = lockfileFaults(manifest, lockfile)
  for (const fault of faults) console.error(fault)
  const folder = join(root, 'out/sbom')
  mkdirSync(folder, { recursive: true })
  const made = npm(
    ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  )
  if (made.status !== 0) return 1
  writeFileSync(join(folder, 'sbom.cdx.json'), made.stdout)
  const { count, text } = licences(lockfile)
  writeFileSync(join(folder, 'licences.md'), text)
  const { components } = JSON.parse(made.stdout)
  console.log(
    `${components.length} packages in out/sbom/sbom.cdx.json, licences of ${count} shipped ones in licences.md`,
  )
  console.log(
    faults.length === 0
      ? 'Lockfile: all pinned by version and sha512.'
      : `${faults.length} faults in the lockfile`,
  )
  return faults.length === 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main()
