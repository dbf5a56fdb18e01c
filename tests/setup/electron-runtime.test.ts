// Which Electron is run on: its own as soon as it can be had, and a fallback that is checked each time.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pickRuntime, treeDigest } from '../../.ci/electron-runtime.mjs'
import { temporaryFolder } from '../temporary'

interface World {
  readonly here: boolean
  readonly cached: boolean
  readonly reachable: boolean
  readonly downloads: boolean
}

function pick({ here, cached, reachable, downloads }: World) {
  const did: string[] = []
  const picked = pickRuntime({
    ownIsThere: () => here,
    isWhole: () => cached,
    isReachable: () => reachable,
    downloadOwn: () => {
      did.push('download')
      return downloads
    },
    fetchFallback: () => did.push('fallback'),
  })
  return [picked, ...did]
}

test.each<[string, World, readonly string[]]>([
  ['its own is here', { here: true, cached: true, reachable: true, downloads: true }, ['own']],
  [
    'an outage is over: the cached fallback is given up',
    { here: false, cached: true, reachable: true, downloads: true },
    ['own', 'download'],
  ],
  [
    'an outage: the cached fallback, at once',
    { here: false, cached: true, reachable: false, downloads: false },
    ['fallback'],
  ],
  [
    'the server answers, its file does not come',
    { here: false, cached: true, reachable: true, downloads: false },
    ['fallback', 'download'],
  ],
  [
    'nothing is cached, or it is not whole',
    { here: false, cached: false, reachable: false, downloads: false },
    ['fallback', 'download', 'fallback'],
  ],
  [
    'nothing is cached, its own can be had',
    { here: false, cached: false, reachable: false, downloads: true },
    ['own', 'download'],
  ],
])('%s', (_, world, picked) => {
  expect(pick(world)).toEqual(picked)
})

test('the digest of a folder sees content, names, execute bits and files that were added', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'b'))
  writeFileSync(join(folder, 'a'), 'a')
  writeFileSync(join(folder, 'b', 'c'), 'c')
  const seen = new Set([treeDigest(folder)])
  const changes = [
    () => writeFileSync(join(folder, 'b', 'c'), 'd'),
    () => chmodSync(join(folder, 'a'), 0o755),
    () => writeFileSync(join(folder, 'b', 'new'), ''),
  ]
  for (const change of changes) {
    change()
    seen.add(treeDigest(folder))
  }
  expect(seen.size).toBe(changes.length + 1)
  expect(treeDigest(folder)).toBe(treeDigest(folder))
})
