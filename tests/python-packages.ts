// A Python with packages that tests compare with, in an environment of its own. Without python3 or its package index there is
// none, and it says why.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Python = { readonly python: string } | { readonly missing: string }

/**
 * Kept for the next time in `folder`, outside the repository or in its .cache.
 * @param packages as pip writes them: name==version
 */
export function pythonWith(folder: string, packages: readonly string[]): Python {
  const python = join(folder, 'bin/python')
  // written when everything was installed
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return { python }
  const run = (...args: string[]) =>
    execFileSync('python3', args, { stdio: 'pipe', timeout: 400_000 })
  try {
    // the pip that is there installs into it; compiling what is never loaded took half of the time
    run('-m', 'venv', '--clear', '--without-pip', folder)
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-compile', '--retries', '1']
    run('-m', 'pip', '--python', python, 'install', ...quiet, ...packages)
    writeFileSync(complete, '')
    return { python }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    const [line] = (error as Error).message.split('\n')
    return { missing: `${packages[0]} could not be installed: ${line}` }
  }
}
