// Tests that read the reference data (../shared, beside the checkout) cannot run where it is not. They are left out
// there, by name, so that everything else can still be tested: this finds them by their imports.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const hub = join(root, 'tests/shared.ts')

export const hasReference = existsSync(join(root, '../shared/reference'))

function importsOf(file) {
  const found = readFileSync(file, 'utf8').matchAll(/from\s+'(\.[^']+)'/g)
  return [...found].map(match => resolve(dirname(file), `${match[1].replace(/\.ts$/, '')}.ts`))
}

/** Whether the file imports tests/shared.ts, itself or through other files of tests/. */
function reaches(file, seen = new Set()) {
  if (file === hub) return true
  if (seen.has(file) || !file.startsWith(join(root, 'tests')) || !existsSync(file)) return false
  seen.add(file)
  return importsOf(file).some(other => reaches(other, seen))
}

/** Test files to leave out, relative to the repository; none where the data is there. */
export function leftOut() {
  if (hasReference) return []
  const all = readdirSync(join(root, 'tests'), { recursive: true }).map(name =>
    join(root, 'tests', String(name)),
  )
  const tests = all.filter(file => file.endsWith('.test.ts') && reaches(file))
  return tests.map(file => relative(root, file).replaceAll('\\', '/'))
}
