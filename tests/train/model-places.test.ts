// Which model is meant, and what a person hears who names none that is there.
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asFault, faultText } from '../../src-worker/contract/fault'
import { locateModel, modelFolders, modelIdOf } from '../../src-worker/train/model-places'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

function homeWith(...ids: readonly string[]) {
  const home = temporaryFolder()
  for (const id of ids)
    cpSync(
      join(referencePath('models/tiny-neox'), 'config.json'),
      join(home, 'models', id, 'config.json'),
    )
  const resources = join(home, 'resources')
  mkdirSync(resources)
  return { home, resources }
}

const refusal = async (name: string, places: Parameters<typeof locateModel>[1]): Promise<string> =>
  faultText(asFault(await locateModel(name, places).catch(error => error)))

test('by id, by bare name, by path', async () => {
  const places = homeWith('org/first-1b', 'second')
  const first = join(places.home, 'models/org/first-1b')
  expect(await locateModel('org/first-1b', places)).toBe(first)
  expect(await locateModel(first, places)).toBe(first)
  expect(await locateModel('elsewhere/second', places)).toBe(join(places.home, 'models/second'))
  const root = join(places.home, 'models')
  const folders = await modelFolders(root)
  expect(folders.map(path => modelIdOf(path, [root]))).toEqual(['org/first-1b', 'second'])
})

test('a name that is no model: the nearest one, and those that there are', async () => {
  const places = homeWith('org/first-1b', 'second')
  expect(await refusal('secnd', places)).toMatch(
    /^no model secnd: .*models\. Did you mean second\? There are org\/first-1b, second\. Give the path/,
  )
  expect(await refusal('first', places)).toContain('Did you mean org/first-1b?')
  expect(await refusal('zork', places)).not.toContain('Did you mean')
  expect(await refusal('zork', homeWith())).not.toContain('There are')
  const many = homeWith(...Array.from({ length: 11 }, (_, i) => `model-${i + 10}`))
  expect(await refusal('zork', many)).toContain('model-17 and 3 more (spw models).')
})
