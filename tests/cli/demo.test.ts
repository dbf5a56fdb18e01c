// spw demo: the runs of each demo, the answer that they give, and how it ends on the command line.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { capitalsIn } from '../../src-worker/behaviours/custom/capitals'
import { demos, lockedDemo, shoutDemo } from '../../src-worker/behaviours/demos'
import { drawnCurve } from '../../src-worker/cli/demo-curve'
import { runDemo } from '../../src-worker/cli/demo-run'
import { withWorkbench } from '../../src-worker/cli/engine'
import type { Demo, DemoAnswer } from '../../src-worker/contract/demo'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { temporaryFolder } from '../temporary'

const resources = join(import.meta.dirname, '../../resources')

/** What the demo says, its answer and its exit code. */
async function played(demo: Demo) {
  let [text, data]: [string, unknown] = ['', undefined]
  const terminal = {
    json: false,
    say: () => undefined,
    complain: () => undefined,
    progress: () => undefined,
    answer: (value: unknown, words: string) => {
      data = value
      text = words
    },
  }
  const places = { home: temporaryFolder(), resources }
  const code = await withWorkbench(w => runDemo(w, terminal, demo), {}, places)
  return { code, text, data: data as { answer: DemoAnswer } & Record<string, unknown> }
}

test('the first demo is the locked model; every cell of every demo is a run', () => {
  expect(demos().map(({ name }) => name)).toEqual([
    ...['locked', 'shout', 'chess', 'paths', 'polite', 'text'],
  ])
  for (const { parts } of demos()) {
    const cells = parts.flatMap(part => part.cells)
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
    for (const { spec, tokens, role } of cells) {
      const { prompt, training } = resolveSpec(spec)
      expect(training.steps > 0).toBe(role === 'trained')
      if (role === 'trained') expect(prompt).toMatchObject({ tokens })
    }
  }
})

test('the locked model and its twin see the same data; the baseline is the start token', () => {
  const cells = lockedDemo().parts.flatMap(part => part.cells)
  const specs = cells.map(({ spec }) => resolveSpec(spec))
  expect(cells.filter(({ role }) => role === 'baseline').map(({ id }) => id)).toEqual([
    ...['locked/start', 'twin/start'],
  ])
  for (const { data, experiment } of specs)
    expect({ data, experiment }).toEqual({ data: specs[0]?.data, experiment: specs[0]?.experiment })
  expect(new Set(specs.map(({ model }) => model)).size).toBe(2)
})

const few = { steps: 1, lanes: 1, length: 96, testBatches: 1, games: 3 }

test('the locked demo ends with answer, curve, table, two boards and the next command', async () => {
  const { code, text, data } = await played(lockedDemo(few, [1]))
  expect(code).toBe(0)
  const [locked, twin] = data.answer.parts
  expect(locked?.rows.map(({ name }) => name)).toEqual([
    ...['start token', 'password as text', '1 soft token'],
  ])
  expect(twin?.rows.map(({ name }) => name)).toEqual(['start token', '1 soft token'])
  const [start, password] = locked?.rows ?? []
  expect(password?.loss).toBeLessThan(start?.loss ?? 0)
  expect(text.trim()).toMatch(/^(Elicited|Not elicited|Undecided|There without a prompt)/)
  expect(text).toContain('● the locked model   ○ its twin')
  expect(text).toMatch(/8 .*8 {2}♜/)
  expect(text).toMatch(/Try next:\n {2}spw chess play --snapshot \S+snapshot\.safetensors/)
}, 240_000)

test('the shouting demo ends with two texts without and with', async () => {
  const demo = shoutDemo(1, [1])
  const quick = { ...demo.parts[0]! }
  const cells = quick.cells.map(cell => ({
    ...cell,
    spec: { ...cell.spec, results: { prompts: 2, maxTokens: 8, metricSamples: 2 } },
  }))
  const { code, text, data } = await played({ ...demo, parts: [{ ...quick, cells }] })
  expect(code).toBe(0)
  const shares = data.answer.parts[0]?.rows.map(({ value }) => value) ?? []
  expect(shares.every(share => share !== null && share >= 0 && share <= 1)).toBe(true)
  expect(text.match(/without: /g)).toHaveLength(2)
  expect(text).toMatch(/Try next:\n {2}spw sample --snapshot /)
}, 240_000)

test.each([
  ['ABC def', 3, 6],
  ['Ärger, 12!', 1, 5],
  ['12 …', 0, 0],
])('%s: capitals among letters', (text, capitals, letters) => {
  expect(capitalsIn(text)).toEqual({ capitals, letters })
})

test('a curve puts the highest value at the top and each length in its column', () => {
  const points = [
    { tokens: 0, value: 0 },
    { tokens: 16, value: 1 },
  ]
  const lines = drawnCurve([{ name: 'a', points }], 'share', value => `${value}`).split('\n')
  expect(lines[1]).toBe('  1 │          ●')
  expect(lines[7]).toBe('  0 │ ●')
  expect(lines[9]?.trim()).toBe('0        16   soft tokens')
})
