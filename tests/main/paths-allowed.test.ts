// The window names no path that a person did not choose, and that the engine does not list.
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { isOpened } from '../../src-main/file-manager'
import { createAllowedPaths, readKeys, writeKeys } from '../../src-main/paths-allowed'
import { calls } from '../../src-worker/contract/api'
import { runSpecSchema } from '../../src-worker/contract/run-spec'

const home = resolve('/data/spw')
const resources = resolve('/opt/app/resources')
const allowed = () => createAllowedPaths(home, resources)

const refused = (args: unknown, paths = allowed()) => expect(() => paths.check(args))

describe('reading', () => {
  test.each([
    ['in the home', { path: `${home}/snapshots/a.safetensors` }],
    ['a resource', { path: `${resources}/models/demo` }],
    ['a name', { promptedModel: { model: 'workbench-demo-base', snapshot: '' } }],
    ['a name of the hub', { base: { model: 'org/name', data: { path: 'demo' } } }],
    ['an address', { spec: { data: { path: 'https://host/a.jsonl' } } }],
    ['text is no path', { prompt: '/etc/passwd', note: '/etc/passwd' }],
  ])('%s', (_, args) => refused(args).not.toThrow())

  test.each([
    ['a file', { path: '/etc/passwd' }],
    ['a way out of the home', { path: `${home}/../.ssh/id_rsa` }],
    ['a neighbour of the home', { path: `${home}-other/a` }],
    ['a relative way', { path: '../../secret' }],
    ['a way that begins like a name', { model: 'a/../../b' }],
    ['two dots as a name', { model: 'a/..' }],
    ['the home of the user', { path: '~/secret' }],
    ['a drive', { path: 'C:\\own\\secret' }],
    ['deep in a spec', { sweep: { base: { data: { testPath: '/etc/passwd' } } } }],
    ['in an axis', { sweep: { datasets: ['demo', '/etc/passwd'] } }],
    ['a folder of models', { modelFolders: ['/etc'] }],
  ])('not %s', (_, args) => refused(args).toThrow(/^the window may not read .*neither chosen nor/))

  test('what was chosen, what lies in it, what the engine lists; not what data say', () => {
    const paths = allowed()
    paths.allow(['/data/set'])
    refused({ path: '/data/set/a.jsonl' }, paths).not.toThrow()
    refused({ path: '/data/other' }, paths).toThrow()
    paths.accept('datasets', [{ path: '/data/other', title: '/etc/passwd' }])
    refused({ path: '/data/other' }, paths).not.toThrow()
    refused({ path: '/etc/passwd' }, paths).toThrow()
    paths.accept('previewDataset', { rows: [{ path: '/etc/passwd' }] })
    refused({ path: '/etc/passwd' }, paths).toThrow()
  })
})

describe('writing', () => {
  test.each([
    '/etc/cron.d/x',
    `${home}/runs/r/snapshot.safetensors`,
    `${home}/settings.json`,
    'report',
    '../x',
  ])('not to %s', to => refused({ to }).toThrow(/^the window may not write to/))

  test('into a folder of a dialog and into exports; what is only listed is not written to', () => {
    const paths = allowed()
    paths.allow(['/out'])
    refused({ to: '/out/report' }, paths).not.toThrow()
    refused({ to: `${home}/exports/a.safetensors` }, paths).not.toThrow()
    paths.accept('datasets', [{ path: '/data' }])
    refused({ to: '/data/x' }, paths).toThrow()
  })
})

/** Names of fields that hold text, and of lists and records of it. */
function textKeys(schema: z.ZodType, key: string, into: Set<string>): void {
  const { def } = schema as unknown as { def: Record<string, unknown> & { type: string } }
  if (def.type === 'string') into.add(key)
  if (def.type === 'object')
    for (const [name, inner] of Object.entries(def.shape as Record<string, z.ZodType>))
      textKeys(inner, name, into)
  for (const inner of [def.innerType, def.element, def.valueType, def.in])
    if (inner) textKeys(inner as z.ZodType, key, into)
  for (const option of (def.options ?? []) as z.ZodType[]) textKeys(option, key, into)
}

/** Fields of the contract's arguments that name no file. A new field is sorted by hand: does it name one? */
const others = new Set([
  'control', // of bits: the id of a run
  'input', // of fields: the name of a field of records
  ...['request', 'id', 'ids', 'key', 'name', 'note', 'title', 'sweep', 'frozen', 'runs', 'tags'],
  ...['device', 'only', 'prompt', 'content', 'fen', 'moves', 'cells', 'host', 'apiKey', 'metric'],
  ...['references', 'events', 'timeControls', 'completion', 'messages', 'alternatives'],
  ...[
    'explanation',
    'lasts',
    'playground',
    'label',
    'position',
    'tag',
    'measure',
    'chance',
    'setup',
  ],
  'scorer', // a program in it starts only where a person allowed it on the command line (--allow-scorer)
  'folder', // of listFolder, which tells names only, and of other machines only
  ...['partition', 'gres', 'account', 'time', 'textPrompt'],
  ...['conditions', 'marker', 'separator', 'date', 'revision'],
  ...['token', 'tokenOrigin', 'text', 'field', 'index', 'hubEndpoint', 'experiment'],
])

test('every field of every call that may name a path is checked', () => {
  const keys = new Set<string>()
  for (const { args } of Object.values(calls)) textKeys(args, '', keys)
  textKeys(runSpecSchema, '', keys)
  const unsorted = [...keys].filter(k => !others.has(k) && !readKeys.has(k) && !writeKeys.has(k))
  expect(unsorted).toEqual([])
  for (const key of ['path', 'to', 'snapshot', 'testPath', 'modelFolders'])
    expect([...keys]).toContain(key)
})

test('of another machine nothing is known before its engine says where its home is', () => {
  const there = createAllowedPaths('', '')
  const may = (path: string): boolean => {
    try {
      there.check({ path })
      return true
    } catch {
      return false
    }
  }
  expect([process.cwd(), '/srv/home/runs/a', '/'].map(may)).toEqual([false, false, false])
  there.accept('engineInfo', { home: '/srv/home', resources: '/opt/spw/resources', version: '1' })
  expect(['/srv/home/runs/a', '/opt/spw/resources/models/m', '/srv/other'].map(may)).toEqual([
    ...[true, true, false],
  ])
  expect(() => there.check({ to: '/srv/home/exports/x' })).not.toThrow()
  expect(() => there.check({ to: '/srv/home/runs/x' })).toThrow('may not write')
})

test('a folder that may be a bundle is never opened', () => {
  expect(isOpened('darwin', true)).toBe(false)
  expect(isOpened('linux', true)).toBe(true)
  expect(isOpened('linux', false)).toBe(false)
})
