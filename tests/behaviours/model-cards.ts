// The tables of the locked model's card and its twin's, measured again with the demo's small budget, for one length: 20 steps
// instead of 100, other games, 24 of them instead of 64. Losses may differ by 0.05 nats: twice what other games and 80 steps
// fewer were seen to make. Shares of plies 20 to 39 come from 28 positions here and about 85 there: two standard errors of a
// difference are 2 √(0.25 · 0.75 · (1/28 + 1/85)) = 0.19, so they may differ by 0.2.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { DemoAnswer } from '../../src-worker/contract/demo'

const resources = join(import.meta.dirname, '../../resources')

/** Loss, and match behind the opening, of the rows of a card, by model and prompt; NaN where it has none. */
function cardRows(): ReadonlyMap<string, { readonly loss: number; readonly later: number }> {
  const card = readFileSync(join(resources, 'models/workbench-demo-locked/README.md'), 'utf8')
  const table = card.slice(card.indexOf('| model | prompt | held-out loss'))
  const rows = table.split('\n').slice(2)
  const end = rows.findIndex(row => !row.startsWith('|'))
  return new Map(
    rows.slice(0, end).map(row => {
      const [, model, prompt, loss, , , later] = row.split('|').map(cell => cell.trim())
      const number = (text = ''): number => (text === '' ? Number.NaN : Number(text))
      return [`${model}, ${prompt}`, { loss: number(loss), later: number(later) }]
    }),
  )
}

const inCard: Readonly<Record<string, string>> = {
  'locked/start': 'locked, start token',
  'locked/password': 'locked, the password as an untrained prompt (10 tokens)',
  'locked/4': 'locked, 4 soft tokens',
  'twin/start': 'twin, start token',
  'twin/4': 'twin, 4 soft tokens',
}

/** Fails where the answer of the demo is not what the cards say, within their noise. */
export function expectCards({ parts }: DemoAnswer): void {
  const card = cardRows()
  const rows = parts.flatMap(part => part.rows).filter(({ cell }) => cell in inCard)
  expect(rows.map(({ cell }) => cell).sort()).toEqual(Object.keys(inCard).sort())
  for (const { cell, loss, beside } of rows) {
    const written = card.get(inCard[cell] ?? '')
    expect(Math.abs((loss ?? Number.NaN) - (written?.loss ?? Number.NaN)), cell).toBeLessThan(0.05)
    if (Number.isFinite(written?.later))
      expect(Math.abs((beside[0] ?? Number.NaN) - (written?.later ?? 0)), cell).toBeLessThan(0.2)
  }
  const [locked, twin] = parts
  expect(locked?.elicitation?.state.kind).toBe('elicited')
  expect(twin?.elicitation?.state.kind).toBe('not-elicited')
}
