// A .pt of the original, dropped in the library as from a file manager: it is read, never executed, and listed.
import { existsSync } from 'node:fs'
import { expect, vi } from 'vitest'
import { referencePath } from '../reference-path'
import { ask, e2e, skipReason } from './harness'
import { address } from './window'

vi.setConfig({ testTimeout: 120_000 })
const reference = referencePath('reference', 'snapshots', 'direct_p5_legacy.pt')

interface Element {
  readonly files: readonly unknown[]
  remove(): void
  dispatchEvent(event: unknown): void
}
interface Window {
  readonly document: {
    createElement(tag: string): object
    querySelector(name: string): Element
    readonly body: { append(node: object): void }
  }
  readonly DataTransfer: new () => { readonly items: { add(file: unknown): void } }
  readonly DragEvent: new (kind: string, how: object) => unknown
}

if (existsSync(reference) || skipReason !== '')
  e2e('a snapshot is dropped in the library', async ({ page }) => {
    await address(page, '#/snapshots')
    await page.locator('.drop').first().waitFor()
    await page.evaluate(() => {
      const { document } = globalThis as unknown as Window
      document.body.append(
        Object.assign(document.createElement('input'), { type: 'file', id: 'from' }),
      )
    })
    await page.locator('#from').setInputFiles(reference)
    await page.evaluate(() => {
      const { document, DataTransfer, DragEvent } = globalThis as unknown as Window
      const from = document.querySelector('#from')
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(from.files[0])
      from.remove()
      const how = { bubbles: true, cancelable: true, dataTransfer }
      document.querySelector('.drop').dispatchEvent(new DragEvent('drop', how))
    })
    await page.getByText('1 snapshot imported.').waitFor()
    const [entry] = await ask(page, 'snapshots', {})
    expect(entry?.metadata).toMatchObject({ source: 'original-pt', shape: { tokens: 5 } })
  })
