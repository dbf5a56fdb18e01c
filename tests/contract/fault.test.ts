// What the operating system refuses becomes a fault with the path, the reason in words, and the fix.
import { expect, test } from 'vitest'
import { asFault, type Fault, writeFault } from '../../src-worker/contract/fault'

const thrown = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: words of the system`), { code, ...(path ? { path } : {}) })

test.each([
  ['ENOENT', 'not-found', '/x: there is no such file or folder (ENOENT)', 'Check the path.'],
  ['EISDIR', 'bad-file', '/x: it is a folder, not a file (EISDIR)', 'Name a file.'],
  [
    'EACCES',
    'disk',
    '/x: permission denied (EACCES)',
    'Allow access to it, or choose another one.',
  ],
  ['ENOSPC', 'disk', '/x: no space is left on the disk (ENOSPC)', 'Free some disk space.'],
])('%s as a fault', (code, kind, message, fix) => {
  expect(asFault(thrown(code, '/x')).toData()).toMatchObject({ code: kind, message, fix })
})

test('without a path the words of the system stay; what is no refusal is the engine’s', () => {
  expect(asFault(thrown('ENOSPC')).message).toBe('ENOSPC: words of the system')
  expect(asFault(new Error('odd')).code).toBe('engine')
  expect(asFault('text').message).toBe('text')
})

test('what could not be written is named, with SPW_HOME as the way out', () => {
  const full = writeFault(thrown('ENOSPC'), '/x/metrics.jsonl') as Fault
  expect(full.code).toBe('disk')
  expect(full.message).toBe(
    '/x/metrics.jsonl cannot be written: no space is left on the disk (ENOSPC)',
  )
  expect(full.fix).toMatch(/^Free some space there, .*SPW_HOME/)
  expect((writeFault(thrown('EROFS'), '/x') as Fault).fix).toMatch(/^Allow writing.*SPW_HOME/)
  const other = new Error('other')
  expect(writeFault(other, '/x')).toBe(other)
})
