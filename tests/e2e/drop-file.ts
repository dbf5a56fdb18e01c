// A file dropped on the window as from a file manager.
import type { Page } from 'playwright-core'

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

/** @param place selector of what it is dropped on */
export async function dropFile(page: Page, path: string, place: string): Promise<void> {
  await page.evaluate(() => {
    const { document } = globalThis as unknown as Window
    document.body.append(
      Object.assign(document.createElement('input'), { type: 'file', id: 'from' }),
    )
  })
  await page.locator('#from').setInputFiles(path)
  await page.evaluate(where => {
    const { document, DataTransfer, DragEvent } = globalThis as unknown as Window
    const from = document.querySelector('#from')
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(from.files[0])
    from.remove()
    const how = { bubbles: true, cancelable: true, dataTransfer }
    document.querySelector(where).dispatchEvent(new DragEvent('drop', how))
  }, place)
}
