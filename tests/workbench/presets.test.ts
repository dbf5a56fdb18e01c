import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cellsOf } from '../../src-worker/spec/sweep'
import { openContext } from '../../src-worker/workbench/context'
import { presetCalls } from '../../src-worker/workbench/presets'
import { temporaryFolder } from '../temporary'
import { resources } from '../train/runs'

const open = () =>
  presetCalls(openContext({ home: temporaryFolder(), resources }, 'me', () => undefined))

test('every bundled preset is a sweep whose cells resolve', async () => {
  const presets = await open().presets({})
  expect(presets.length).toBe(readdirSync(join(resources, 'presets')).length)
  for (const { sweep } of presets) {
    const cells = cellsOf(sweep)
    expect(cells.length).toBeGreaterThanOrEqual(sweep.tokens.length)
    expect(cells.filter(c => c.prompt.type === 'start-token').length).toBe(
      Math.max(1, sweep.models.length),
    )
  }
})

test('a preset is saved under any name, found again, and deleted', async () => {
  const calls = open()
  const [first] = await calls.presets({})
  const name = 'mine / ../ “one”'
  const preset = { name, bundled: false, sweep: first?.sweep as NonNullable<typeof first>['sweep'] }
  const saved = await calls.savePreset(preset)
  expect(saved.find(p => p.name === name)).toEqual(preset)
  expect((await calls.deletePreset({ name })).some(p => p.name === name)).toBe(false)
})

test('a bundled preset cannot be overwritten', async () => {
  const calls = open()
  const [first] = await calls.presets({})
  await expect(calls.savePreset(first as NonNullable<typeof first>)).rejects.toThrow(
    'is a bundled preset',
  )
})
