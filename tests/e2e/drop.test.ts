// A .pt of the original, dropped in the library as from a file manager: it is read, never executed, and listed.
import { existsSync } from 'node:fs'
import { expect, vi } from 'vitest'
import { referencePath } from '../reference-path'
import { dropFile } from './drop-file'
import { ask, e2e, skipReason } from './harness'
import { address } from './window'

vi.setConfig({ testTimeout: 120_000 })
const reference = referencePath('reference', 'snapshots', 'direct_p5_legacy.pt')

if (existsSync(reference) || skipReason !== '')
  e2e('a snapshot is dropped in the library', async ({ page }) => {
    await address(page, '#/snapshots')
    await page.locator('.drop').first().waitFor()
    await dropFile(page, reference, '.drop')
    await page.getByText('1 snapshot imported.').waitFor()
    const [entry] = await ask(page, 'snapshots', {})
    expect(entry?.metadata).toMatchObject({ source: 'original-pt', shape: { tokens: 5 } })
  })
