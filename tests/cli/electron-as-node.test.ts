// A packed app's `spw` runs on its own binary: Electron as Node.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import packageJson from '../../package.json'
import { bundle } from '../setup/bundle.mjs'
import { temporaryFolder } from '../temporary'

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
const electron = [
  'node_modules/electron/dist/electron',
  join(cache, 'soft-prompt-workbench/electron-25.1.1-linux-x64/electron'),
].find(path => existsSync(path))

test.skipIf(electron === undefined)(
  'its arguments are commands, and its answers the same',
  async () => {
    const script = await bundle(resolve('src-worker/cli.ts'))
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', SPW_HOME: temporaryFolder() }
    const spw = (...args: string[]) =>
      spawnSync(electron as string, [script, ...args], { env, encoding: 'utf8' })
    expect(spw('--version').stdout.trim()).toBe(packageJson.version)
    const { status, stdout, stderr } = spw('runs', '--json')
    expect(`${status} ${stderr}`).toBe('0 ')
    expect(JSON.parse(stdout)).toEqual([])
  },
)
