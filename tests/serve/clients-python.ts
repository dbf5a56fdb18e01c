// A Python with the clients of other tools, kept outside the repository between runs. SPW_CLIENTS=1 (continuous
// integration) makes it where it is missing: about 1 GB from the package index.
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Python, pythonWith } from '../python-packages'

const packages = [
  'openai==3.57.0',
  'inspect_ai==0.3.285',
  'lm_eval==0.4.13',
  'transformers',
  'jinja2',
]
const folder = join(homedir(), '.cache', 'soft-prompt-workbench', 'clients-1')

export function clientsPython(): Python {
  if (!existsSync(folder) && process.env.SPW_CLIENTS !== '1')
    return { missing: 'set SPW_CLIENTS=1 to install the clients' }
  return pythonWith(folder, packages)
}
