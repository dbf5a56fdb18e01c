// Names keep both their ends, whatever room there is.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fitted } from '../../src-renderer/components/ui/fitted'

/** 10 pixels a letter */
const widthOf = (text: string): number => 10 * text.length

const name = 'rate 0.03 · 4 tokens · workbench-demo'

test.each([
  [400, name],
  [369, name],
  [368, 'rate 0.03 · 4 tokens · wo…bench-demo'],
  [120, 'rate 0.…emo'],
  [10, 'rat…'],
])('in %i pixels', (width, shown) => expect(fitted(name, width, widthOf)).toBe(shown))

/** Places where the class `cut` may end a text: what a person or a model wrote, not what a thing is called. */
const texts: Readonly<Record<string, number>> = {
  'library/HubResults.vue': 2,
  'run/ResultBrowser.vue': 2,
  // numbers
  'runs/RunTableRow.vue': 1,
  'text/EvaluationPrompts.vue': 1,
  'text/HistoryPanel.vue': 2,
  'ui/Fitted.vue': 1,
}

test('no other text is cut at its end', () => {
  const found: Record<string, number> = {}
  for (const folder of ['components', 'views', 'charts']) {
    const root = join('src-renderer', folder)
    for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.vue')) continue
      const uses = readFileSync(join(root, path), 'utf8').match(/class="[^"]*\bcut\b[^"]*"/g) ?? []
      if (uses.length > 0) found[path] = uses.length
    }
  }
  expect(found).toEqual(texts)
})
