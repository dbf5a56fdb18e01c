import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readWindowState, visibleBounds, writeWindowState } from '../../src-main/window-state'

const folder = mkdtempSync(join(tmpdir(), 'spw-window-'))
afterAll(() => rmSync(folder, { recursive: true }))
const usual = { bounds: null, maximized: false, softwareRendering: false }

test('the state comes back as it was saved, and nothing else is left behind', () => {
  const file = join(folder, 'desktop', 'window.json')
  const state = { ...usual, bounds: { x: -5, y: 0, width: 1280, height: 800 }, maximized: true }
  writeWindowState(file, state)
  expect(readWindowState(file)).toEqual(state)
  expect(readdirSync(join(folder, 'desktop'))).toEqual(['window.json'])
})

test.each(['', '{', 'null', '{"bounds":{"x":1}}', '{"maximized":"yes"}'])(
  'a broken file (%s) gives the usual window',
  text => {
    const file = join(folder, 'broken.json')
    writeFileSync(file, text)
    expect(readWindowState(file)).toEqual(usual)
  },
)

const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }]
test.each([
  [{ x: 100, y: 100, width: 1280, height: 800 }, true],
  [{ x: -50, y: 0, width: 1280, height: 800 }, true],
  [{ x: 2500, y: 100, width: 1280, height: 800 }, false],
  [{ x: 100, y: -900, width: 1280, height: 800 }, false],
])('a window saved at %o is still on a screen: %s', (bounds, seen) => {
  expect(visibleBounds(bounds, screens) !== null).toBe(seen)
})
