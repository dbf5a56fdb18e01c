// A Python with the clients of other tools, kept outside the repository between runs. SPW_CLIENTS=1 (continuous
// integration) makes it where it is missing: about 1 GB from the package index.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const packages = [
  'openai==3.57.0',
  'inspect_ai==0.3.285',
  'lm_eval==0.4.13',
  'transformers',
  'jinja2',
]
const folder = join(homedir(), '.cache', 'soft-prompt-workbench', 'clients-1')
const python = join(folder, 'bin', 'python')
/** written when everything was installed */
const complete = join(folder, 'complete')

/** @returns the interpreter, or why there is none */
export function clientsPython(): { readonly python: string } | { readonly missing: string } {
  if (existsSync(complete)) return { python }
  if (process.env.SPW_CLIENTS !== '1')
    return { missing: 'set SPW_CLIENTS=1 to install the clients' }
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', folder])
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...packages], { timeout: 400_000 })
    execFileSync('touch', [complete])
    return { python }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    return { missing: `the clients could not be installed: ${(error as Error).message}` }
  }
}
