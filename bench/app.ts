// The built app, measured in real Electron: npm run bench -- app [start|training|stream|overlay|table …] [--json]
// Build it first (npm run build). Homes are filled with synthetic runs by the engine's own functions. Without a screen it
// opens a virtual one (xvfb-run), where everything is drawn by the processor: there frames are the worst case.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { starting, training } from './app/alone'
import { type Figure, isMet, tableOf } from './app/figure'
import { overlay, streaming, table } from './app/many'

const all = { start: starting, training, stream: streaming, overlay, table } as const
type Name = keyof typeof all
const isName = (name: string): name is Name => Object.hasOwn(all, name)

const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  drawing: process.env.SPW_BENCH_VIRTUAL
    ? 'by the processor, on a virtual screen (Xvfb)'
    : 'as the desktop does',
})

/** On Linux without a screen: this again, on a virtual one. */
function onVirtualScreen(): number | undefined {
  const needed =
    process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY
  if (!needed) return undefined
  const args = ['-a', '-s', '-screen 0 1920x1080x24', process.execPath, ...process.argv.slice(1)]
  const env = { ...process.env, SPW_BENCH_VIRTUAL: '1' }
  const { status, error } = spawnSync('xvfb-run', args, { stdio: 'inherit', env })
  if (error) console.error(`There is no screen, and xvfb-run cannot be started: ${error.message}`)
  return status ?? 1
}

interface AppFigures {
  readonly name: Name
  /** mean number of running processes in the last minute, others' included: it makes figures worse */
  readonly load: number
  readonly figures: readonly Figure[]
}

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter(a => !a.startsWith('-'))
  const unknown = names.filter(n => !isName(n))
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(all).join(', ')}`)
    return 2
  }
  const measured: AppFigures[] = []
  const wanted = names.length > 0 ? names.filter(isName) : (Object.keys(all) as Name[])
  const asJson = args.includes('--json')
  for (const name of wanted) {
    const load = loadavg()[0] ?? 0
    measured.push({ name, load, figures: await all[name]() })
    const last = measured.at(-1)
    if (last && !asJson) console.log(`load ${load.toFixed(1)}\n${tableOf(last.figures)}\n`)
  }
  const result = { at: new Date().toISOString(), machine: machine(), measured }
  mkdirSync('bench/results', { recursive: true })
  const file = join('bench/results', `app-${result.at.replace(/\W/g, '')}.json`)
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  if (asJson) console.log(JSON.stringify(result, null, 2))
  else console.log(`${JSON.stringify(result.machine)}\nwritten to ${file}`)
  return measured.every(m => m.figures.every(f => isMet(f) !== false)) ? 0 : 1
}

const elsewhere = onVirtualScreen()
if (elsewhere !== undefined) process.exit(elsewhere)
main(process.argv.slice(2)).then(
  status => process.exit(status),
  error => {
    console.error(error)
    process.exit(1)
  },
)
