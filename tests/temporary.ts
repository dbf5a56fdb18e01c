// A folder that is there for one test and gone after it.
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEndOfTest } from './clean-up'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spw-test-'))
  // something that a test has just ended may still write there: awaited, for it could not end while this thread is held
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }
  atEndOfTest(() => rm(folder, options))
  return folder
}
