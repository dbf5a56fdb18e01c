// Names of hosts in the user's ~/.ssh/config and the files that it includes, by the rules of ssh_config(5). Only for a list
// to choose from: ssh itself reads the files when it connects.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { hostNameSchema } from '../contract/machine'

/** As in ssh (readconf.c): files within files. */
const deepest = 16
/** bytes of one file, and files in all: nobody writes more by hand */
const largest = 1 << 20
const mostFiles = 1000

/** Words of a line's arguments; a word in quotes may hold spaces, `#` begins a comment. */
const wordsOf = (text: string): readonly string[] => {
  const words: string[] = []
  for (const [, quoted, bare] of text.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    if (bare?.startsWith('#')) break
    words.push(quoted ?? bare ?? '')
  }
  return words
}

const escaped = (letter: string): string => letter.replace(/[\\^$.*+?()[\]{}|]/, '\\$&')
/** A pattern of `*` and `?`, of hosts and of files. */
const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${[...pattern].map(c => (c === '*' ? '.*' : c === '?' ? '.' : escaped(c))).join('')}$`,
  )

/** ssh_config(5), PATTERNS: one pattern must match, and none behind `!` may. */
function matches(patterns: readonly string[], host: string): boolean {
  const hits = patterns.filter(pattern => wildcard(pattern.replace(/^!/, '')).test(host))
  return hits.length > 0 && !hits.some(pattern => pattern.startsWith('!'))
}

/** Files that an argument of Include names, in their order; wildcards stand in the last part of a path. */
function filesOf(argument: string, home: string): readonly string[] {
  const whole = argument.replace(/^~(?=\/|$)/, home)
  const path = isAbsolute(whole) ? whole : join(home, '.ssh', whole)
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (!/[*?]/.test(name)) return [path]
  const folder = dirname(path)
  const found = names(folder).filter(
    each => wildcard(name).test(each) && (!each.startsWith('.') || name.startsWith('.')),
  )
  return found.sort().map(each => join(folder, each))
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** As ssh: a file that is not there, or is no file, is skipped. */
function textOf(path: string): string {
  try {
    const found = statSync(path)
    return found.isFile() && found.size <= largest ? readFileSync(path, 'utf8') : ''
  } catch {
    return ''
  }
}

type Block = (host: string) => boolean
const always: Block = () => true

/** Those of the user's own ~/.ssh/config, without patterns, in the order of the files. */
export function knownHosts(home = homedir()): readonly string[] {
  const found = new Set<string>()
  let files = 0
  const read = (path: string, depth: number, outer: Block): void => {
    if (depth > deepest || ++files > mostFiles) return
    let block = outer
    for (const line of textOf(path).split(/\r?\n/)) {
      const [, key = '', rest = ''] = /^\s*([a-z]+)\s*[\s=]\s*(.*)$/i.exec(line) ?? []
      const words = wordsOf(rest)
      const keyword = key.toLowerCase()
      // what stands in a block holds for its hosts only, included files too
      if (keyword === 'match') block = words.join(' ').toLowerCase() === 'all' ? outer : () => false
      if (keyword === 'host') {
        block = host => outer(host) && matches(words, host)
        for (const name of words)
          if (hostNameSchema.safeParse(name).success && block(name)) found.add(name)
      }
      if (keyword === 'include')
        for (const file of words.flatMap(word => filesOf(word, home))) read(file, depth + 1, block)
    }
  }
  read(join(home, '.ssh/config'), 0, always)
  return [...found]
}
