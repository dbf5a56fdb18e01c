// Every part is pinned by version and hash, and may be shipped.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lockfileFaults, mayBeShipped } from '../../.ci/sbom.mjs'

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

test('the lockfile holds what package.json pins, each package with its sha512 and a licence to ship', () => {
  expect(lockfileFaults(read('package.json'), read('package-lock.json'))).toEqual([])
})

test('a version that is not pinned, another version, a lost hash, a foreign source and a licence are seen', () => {
  const sum = `sha512-${'a'.repeat(86)}==`
  const part = { version: '1.0.0', integrity: sum, license: 'MIT' }
  const faults = lockfileFaults(
    { dependencies: { a: '^1.0.0', b: '1.0.0' }, devDependencies: {} },
    {
      packages: {
        '': { dependencies: { a: '^1.0.0', b: '1.0.0' } },
        'node_modules/a': part,
        'node_modules/b': { ...part, version: '2.0.0', integrity: 'sha1-x' },
        'node_modules/c': { ...part, resolved: 'git+ssh://x', license: 'GPL-3.0' },
        'node_modules/d': { ...part, license: 'GPL-3.0', dev: true },
      },
    },
  )
  expect(faults).toEqual([
    'a ^1.0.0 is not pinned',
    'a is locked to 1.0.0',
    'b is locked to 2.0.0',
    'node_modules/b has no sha512',
    'node_modules/c comes from git+ssh://x',
    'node_modules/c: licence GPL-3.0 may not be shipped',
  ])
})

test.each([
  ['MIT', true],
  ['(BSD-2-Clause OR MIT OR Apache-2.0)', true],
  ['GPL-3.0', false],
  [undefined, false],
])('%s: %s', (licence, right) => {
  expect(mayBeShipped(licence)).toBe(right)
})
