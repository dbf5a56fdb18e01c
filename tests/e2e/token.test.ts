// The Hugging Face token: saved by main, never shown to the page again, never in clear on disk.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ask, e2e } from './harness'

const secret = 'hf_aSecretThatMustNotBeFound'

/** Files under a folder that contain the text. */
function holding(folder: string, text: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) return holding(path, text)
    return found?.isFile() && readFileSync(path).includes(text) ? [path] : []
  })
}

e2e(
  'a saved token is known to be there, and is nowhere to be read',
  async ({ page, home }) => {
    expect((await ask(page, 'hubToken', {})).saved).toBe(false)
    expect(await ask(page, 'saveHubToken', { token: ` ${secret} ` })).toEqual({ saved: true })
    const reported = await ask(page, 'hubToken', {})
    expect(reported.saved).toBe(true)
    expect(JSON.stringify(reported)).not.toContain(secret)
    expect(holding(home, secret)).toEqual([])
    expect(await ask(page, 'saveHubToken', { token: '' })).toEqual({ saved: false })
    expect((await ask(page, 'hubToken', {})).saved).toBe(false)
  },
  { env: { HF_TOKEN: '' } },
)
