// The fuses of resources/build/fuses.json, set into a copy of the Electron that is here and read back from it.
import { copyFileSync, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fusesOf, setFuses, wantedFuses, wrongFuses } from '../../.ci/fuses.mjs'
import { temporaryFolder } from '../temporary'

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
const electron = [
  'node_modules/electron/dist/electron',
  join(cache, 'soft-prompt-workbench/electron-25.1.1-linux-x64/electron'),
].find(path => existsSync(path))

test('what a packed app can be talked into is off', () => {
  expect(wantedFuses()).toMatchObject({
    EnableNodeOptionsEnvironmentVariable: false,
    EnableNodeCliInspectArguments: false,
    OnlyLoadAppFromAsar: true,
    EnableEmbeddedAsarIntegrityValidation: true,
  })
})

test.skipIf(electron === undefined)('set into a real Electron, and read back', async () => {
  const copy = join(temporaryFolder(), 'electron')
  copyFileSync(electron as string, copy)
  expect((await wrongFuses(copy)).length).toBeGreaterThan(1)
  await setFuses(copy)
  const has = await fusesOf(copy)
  const wanted = wantedFuses() as Record<string, boolean>
  for (const [name, on] of Object.entries(has)) expect([name, on]).toEqual([name, wanted[name]])
  // an Electron before 29 has no switch for file://
  expect((await wrongFuses(copy)).filter(n => n !== 'GrantFileProtocolExtraPrivileges')).toEqual([])
})
