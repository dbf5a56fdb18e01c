// The Python side of the comparison: an environment of its own below bench/, made once from PyPI.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve('bench/.venv')
const packages = ['torch', 'transformers', 'peft']

function run(program: string, ...args: string[]): void {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
}

/** The interpreter with torch, transformers and peft; set SPW_BENCH_PYTHON to use another. */
export function peerPython(): string {
  const own = process.env.SPW_BENCH_PYTHON
  if (own !== undefined && own !== '') return own
  const python = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'ready'))) return python
  console.log(`making ${folder} with ${packages.join(', ')} …`)
  run('python3', '-m', 'venv', folder)
  run(python, '-m', 'pip', 'install', '--quiet', ...packages)
  run('touch', join(folder, 'ready'))
  return python
}

/** torch 2.15.0 … */
export function peerVersions(python: string): string {
  const code = `import importlib.metadata as m; print(*(f"{n} {m.version(n)}" for n in ${JSON.stringify(packages)}), sep=", ")`
  return spawnSync(python, ['-c', code]).stdout.toString().trim()
}
