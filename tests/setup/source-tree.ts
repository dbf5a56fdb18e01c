// The repository's files and who imports whom, read from their text.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(__dirname, '../..')

/** Tracked files and new ones that git does not ignore. */
export const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter(file => file !== '')

export const textOf = (file: string): string => {
  try {
    return readFileSync(join(root, file), 'utf8')
  } catch {
    return '' // tracked, but deleted in the working tree
  }
}

export const isSource = (file: string): boolean => /^src-[a-z]+\/.*\.(ts|vue)$/.test(file)
export const sources = files.filter(isSource)
export const codes = files.filter(
  file => /\.(ts|mts|vue|mjs)$/.test(file) && textOf(file) !== '' && !file.startsWith('resources/'),
)

export interface Import {
  readonly from: string
  readonly specifier: string
  /** the repository's file it means, or undefined for a package */
  readonly to: string | undefined
  readonly typeOnly: boolean
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s(?<type>type\s)?(?:[^'";]*?\sfrom\s)?'(?<static>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'\s*\)/g

function target(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const plain = specifier.replace(/\?.*$/, '')
  const path = relative(root, resolve(root, dirname(from), plain)).replaceAll('\\', '/')
  const candidates = [path, `${path}.ts`, path.replace(/\.js$/, '.ts')]
  return candidates.find(candidate => files.includes(candidate))
}

export const imports: readonly Import[] = codes.flatMap(from =>
  [...textOf(from).matchAll(importPattern)].map(match => {
    const specifier = match.groups?.static ?? match.groups?.dynamic ?? ''
    const typeOnly = match.groups?.type !== undefined
    return { from, specifier, to: target(from, specifier), typeOnly }
  }),
)
