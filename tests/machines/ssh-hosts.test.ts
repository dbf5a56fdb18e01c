// Hosts of ~/.ssh/config and what it includes: by the rules of ssh_config(5), and as the real ssh sees them.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { knownHosts } from '../../src-worker/machines/ssh-hosts'
import { temporaryFolder } from '../temporary'

/** A home with these files below ~/.ssh. */
function homeWith(files: Readonly<Record<string, string>>): string {
  const home = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, '.ssh', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return home
}
const hosts = (config: string, more: Readonly<Record<string, string>> = {}): readonly string[] =>
  knownHosts(homeWith({ config, ...more }))

test('names are listed, patterns are not', () => {
  const config = `# Host no
Host gpu1 gpu2 # a comment
  HostName 10.0.0.7
HOST=eq
Host *
Host "quoted" !not *.cluster gpu1`
  expect(hosts(config)).toEqual(['gpu1', 'gpu2', 'eq', 'quoted'])
})

test('files that are included, in their place and in the order of their names', () => {
  const found = hosts('Include one two.d/*\nHost last', {
    one: 'Include "with space"\nHost first',
    'with space': 'Host second',
    'two.d/b.conf': 'Host b',
    'two.d/a.conf': 'Host a',
    'two.d/.hidden': 'Host hidden',
  })
  expect(found).toEqual(['second', 'first', 'a', 'b', 'last'])
})

test('~ is the home, and a question mark one letter', () => {
  expect(hosts('include ~/.ssh/c?', { c1: 'Host one', c22: 'Host two' })).toEqual(['one'])
})

test.each([
  ['a file that is not there', 'Include nowhere none/*\nHost a'],
  ['a file that includes itself', 'Include config\nHost a'],
  ['a folder', 'Include two.d\nHost a'],
])('%s ends nothing', (_, config) => {
  expect(hosts(config, { 'two.d/x': 'Host x' })).toEqual(['a'])
})

test('a pipe is not waited for', () => {
  const home = homeWith({ config: 'Include pipe\nHost a' })
  execFileSync('mkfifo', [join(home, '.ssh/pipe')])
  expect(knownHosts(home)).toEqual(['a'])
})

test('a file behind a link is read, and no config is no host', () => {
  const home = homeWith({ config: 'Include link', 'far/away': 'Host a' })
  symlinkSync(join(home, '.ssh/far/away'), join(home, '.ssh/link'))
  expect(knownHosts(home)).toEqual(['a'])
  expect(knownHosts(temporaryFolder())).toEqual([])
})

const hasSsh = spawnSync('ssh', ['-V']).status === 0

test.skipIf(!hasSsh)('blocks and conditions: a host is listed where the real ssh finds it', () => {
  const home = homeWith({
    in_host: 'Host lab1\n  Port 1001\nHost other\n  Port 1002',
    in_match: 'Host matched\n  Port 1003',
    in_all: 'Host all1\n  Port 1004',
    after: 'Host after1\n  Port 1005',
  })
  const at = (name: string): string => join(home, '.ssh', name)
  const config = `Host lab* !lab9
  Include ${at('in_host')}
Host lab9
  Port 1006
Match host nothing
  Include ${at('in_match')}
Match all
  Include ${at('in_all')} "${at('after')}"
Host=last
  Port 1007
`
  writeFileSync(at('config'), config)
  const all = ['lab1', 'other', 'lab9', 'matched', 'all1', 'after1', 'last', 'unknown']
  const found = all.filter(host => {
    const { stdout } = spawnSync('ssh', ['-G', '-F', at('config'), host], { encoding: 'utf8' })
    return /^port 1\d{3}$/m.test(stdout)
  })
  expect(found).toEqual(['lab1', 'lab9', 'all1', 'after1', 'last'])
  expect([...knownHosts(home)].sort()).toEqual([...found].sort())
})
