// npm run bench [-- --only NAME[,NAME]] [--quick] [--peers] [--threads N] | --memory N | --cuda-counts: how fast, how large, beside others when asked.
// Each work runs in a process of its own; the table is printed, everything is written to bench/results/.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runChild } from './child'
import { type CompareOptions, compare, type Row } from './compare'
import { cudaCounts } from './cuda-counts'
import { dataFigures, dataTable, machine } from './data'
import { memoryPlans } from './memory'
import { type ModelName, type Stored, writeModel } from './models'
import { demoModel } from './sampling'
import { targetsTable, toMarkdown } from './table'
import { targetsOf } from './targets'
import { peerPython, peerVersions } from './venv'
import { heavyWorks, type Work, works } from './works'

const rounds = { quick: 3, full: 9 }

function chosen(only: string): { readonly works: readonly Work[]; readonly data: boolean } {
  if (only === '') return { works, data: true }
  const names = only.split(',').map(name => name.trim())
  const found = [...works, ...heavyWorks].filter(({ name }) =>
    names.some(part => name.includes(part)),
  )
  const data = names.includes('data')
  if (found.length === 0 && !data) {
    console.error(
      `There is no ${only}. There are: ${[...works, ...heavyWorks].map(w => w.name).join(', ')}, data`,
    )
    process.exit(2)
  }
  return { works: found, data }
}

/** Folders of models, written when first asked for. */
function modelWriter(root: string): (work: Work) => string {
  const written = new Map<string, string>()
  const write = (name: ModelName, stored: Stored): string => {
    const key = `${name} ${stored}`
    if (!written.has(key)) written.set(key, writeModel(root, name, stored))
    return written.get(key)!
  }
  return work => {
    if (work.kind === 'demo' || work.model === 'demo') return demoModel
    return write(work.model, work.kind === 'train' ? work.stored : 'F32')
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      threads: { type: 'string', default: '0' },
      child: { type: 'boolean', default: false },
      'cuda-counts': { type: 'boolean', default: false },
      memory: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
    },
  })
  if (values.child) return runChild()
  if (values['cuda-counts']) return cudaCounts(values.only)
  const { works: asked, data } = chosen(values.only)
  const python = values.peers ? peerPython() : undefined
  const versions = python === undefined ? '' : peerVersions(python)
  const info = { ...machine(), command: ['npm run bench --', ...process.argv.slice(2)].join(' ') }
  console.log(
    `${info.cpu}, ${info.cores} cores, ${info.memoryGiB} GiB; ${info.command}; ${versions}`,
  )
  const root = mkdtempSync(join(tmpdir(), 'spw-bench-'))
  process.on('exit', () => rmSync(root, { recursive: true, force: true }))
  // its children and its models go with it
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))
  const folderOf = modelWriter(root)
  if (values.memory !== '')
    return memoryPlans(Number(values.memory), Number(values.seed), folderOf, __filename)
  const options: CompareOptions = {
    rounds: values.quick ? rounds.quick : rounds.full,
    threads: Number(values.threads),
    python,
    program: __filename,
  }
  const rows: Row[] = []
  const save = resultsFile({ machine: info, versions })
  for (const work of asked) {
    const found = await compare(work, folderOf(work), options)
    rows.push(...found)
    save({ rows })
    for (const { side, values: v, failed } of found)
      console.error(`${work.name}, ${side}: ${failed ?? `${(v.ms ?? v.gigaflops)?.toFixed(1)}`}`)
  }
  console.log(toMarkdown(rows))
  const targets = targetsOf(rows)
  if (targets.length > 0) console.log(`\n${targetsTable(targets)}`)
  const figures = data ? await dataFigures('resources/data/lichess_demo.pgn.zst', demoModel) : []
  if (data) console.log(`\n${dataTable(figures)}`)
  console.log(`\nwritten to ${save({ rows, targets, data: figures })}`)
}

/** Writes what is known so far, after each work: a run that is broken off keeps what it measured. */
function resultsFile(header: Readonly<Record<string, unknown>>) {
  mkdirSync('bench/results', { recursive: true })
  const file = join('bench/results', `${new Date().toISOString().replace(/[:.]/g, '-')}.json`)
  return (found: Readonly<Record<string, unknown>>): string => {
    writeFileSync(file, JSON.stringify({ ...header, ...found }, null, 2))
    return file
  }
}

void main()
