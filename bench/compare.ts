// One work, measured by everybody who takes part, in turns: what else happens on the machine hits all alike.
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import { neededOperations } from '../src-worker/program/operations'
import { openModelFolder } from '../src-worker/weights/model-folder'
import { type Contestant, type Side, startContestant } from './contestant'
import type { Figures } from './opened'
import type { TrainWork, Work } from './works'

export interface Row {
  readonly work: string
  readonly side: Side
  /** medians of the measurements, and what was known before and after them */
  readonly values: Figures
  /** least of the measured milliseconds */
  readonly leastMs: number
  /** needed operations a second over those of the matrix kernels alone */
  readonly share?: number
  /** of the machine, while this was measured */
  readonly load: number
  readonly failed?: string
}

export interface CompareOptions {
  readonly rounds: number
  /** 0: all cores */
  readonly threads: number
  /** python of the peers; undefined: without them */
  readonly python: string | undefined
  /** this program, to be started as a child */
  readonly program: string
}

/** Whether it is known what a work needs: lanes of all slots, the prompt in front, no saving left out. */
const isPlain = (work: Work): work is TrainWork =>
  work.kind === 'train' && !work.anywhere && !work.ragged && work.saving === undefined

function sidesOf(work: Work, peers: boolean): readonly Side[] {
  const ceiling: readonly Side[] = isPlain(work) ? ['ceiling'] : []
  if (work.kind === 'train') return ['workbench', ...ceiling, ...(peers ? work.peers : [])]
  return work.kind === 'generate' && work.peer && peers
    ? ['workbench', 'transformers']
    : ['workbench']
}

async function operationsOf(work: Work, folder: string): Promise<number> {
  if (!isPlain(work)) return 0
  const { lanes, slots, prompt } = work
  const size = { lanes, slots, prompt, labelled: lanes * (slots - prompt) }
  return neededOperations((await openModelFolder(folder)).config, size)
}

function commandOf(side: Side, { program, python }: CompareOptions): readonly string[] {
  if (side === 'workbench' || side === 'ceiling') return [process.execPath, program, '--child']
  const script = side === 'transformers' ? 'generate.py' : 'train.py'
  return [python!, resolve('bench/peers', script)]
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function medians(all: readonly Figures[]): Figures {
  const names = Object.keys(all[0] ?? {})
  return Object.fromEntries(names.map(name => [name, median(all.map(m => m[name]!))]))
}

/** @param folder of the model that the work names */
export async function compare(
  work: Work,
  folder: string,
  options: CompareOptions,
  sides = sidesOf(work, options.python !== undefined),
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const running: { readonly one: Contestant; readonly measured: Figures[] }[] = []
  const load = loadavg()[0]!
  for (const side of sides) {
    try {
      const one = await startContestant(commandOf(side, options), side, {
        work,
        folder,
        threads: options.threads,
      })
      running.push({ one, measured: [] })
    } catch (error) {
      const failed = (error as Error).message
      rows.push({ work: work.name, side, values: {}, leastMs: 0, load, failed })
    }
  }
  for (let round = 0; round < options.rounds; round++)
    for (const { one, measured } of [...running]) {
      try {
        measured.push(await one.measure())
      } catch (error) {
        // out of memory, for instance: the others go on
        running.splice(
          running.findIndex(each => each.one === one),
          1,
        )
        const failed = (error as Error).message
        rows.push({ work: work.name, side: one.side, values: {}, leastMs: 0, load, failed })
      }
    }
  const ceiling = running.find(({ one }) => one.side === 'ceiling')
  const gigaflops = ceiling && Math.max(...ceiling.measured.map(m => m.gigaflops!))
  const needed = await operationsOf(work, folder)
  for (const { one, measured } of running) {
    const last = await one.end()
    const values = { ...one.opened, ...medians(measured), ...last }
    const leastMs = Math.min(...measured.map(m => m.ms ?? 0))
    const share =
      gigaflops && values.ms ? { share: needed / (values.ms / 1000) / (gigaflops * 1e9) } : {}
    const busy = Math.max(load, loadavg()[0]!)
    rows.push({ work: work.name, side: one.side, values, leastMs, load: busy, ...share })
  }
  return rows
}
