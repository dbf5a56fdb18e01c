// Reads damaged files, one after another, in a process that may die of it; says before each which one it is.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, Fault } from '../../src-worker/contract/fault'
import { rng } from '../../src-worker/stream/rng'
import { makeCorpus } from './corpus'
import { damaged } from './mutate'
import { placed, readers } from './readers'

/** The parent's order: cases `from` to `to` of a reader. */
export interface Order {
  readonly reader: number
  readonly seed: number
  readonly from: number
  readonly to: number
}
export type Report =
  | { readonly kind: 'ready'; readonly names: readonly string[]; readonly slow: readonly boolean[] }
  | { readonly kind: 'begins'; readonly index: number }
  | { readonly kind: 'found'; readonly index: number; readonly what: string }
  | {
      readonly kind: 'done'
      readonly read: number
      readonly refused: number
      readonly bytes: number
    }

const say = (report: Report): void => void process.send?.(report)
const folder = process.argv[2] ?? ''
let now = 0
process.on('unhandledRejection', error => {
  say({ kind: 'found', index: now, what: `unhandled: ${asFault(error).message}` })
})

/** What an error is that no person can do anything about. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof Fault) {
    const { message, fix } = error
    if (error.code === 'engine') return `a fault of the engine: ${message}`
    return message === '' || fix === '' || message.length > 2000
      ? 'a fault without words'
      : undefined
  }
  const fault = asFault(error)
  return fault.code === 'engine'
    ? `no fault: ${(error as Error)?.stack ?? String(error)}`
    : undefined
}

async function main(): Promise<void> {
  const all = readers(await makeCorpus(join(folder, 'made')))
  const one = async ({ reader, seed }: Order, index: number): Promise<boolean> => {
    const { name, corpus, read } = all[reader] ?? all[0]!
    const random = rng(seed + index, name)
    const [file, bytes] = corpus[Math.floor(random.uniform() * corpus.length)]!
    const [, other] = corpus[Math.floor(random.uniform() * corpus.length)]!
    const place = join(folder, `case-${process.pid}`)
    const path = placed(place, file, damaged(bytes, random, other))
    try {
      await read(path)
      return true
    } catch (error) {
      const what = problemOf(error)
      if (what !== undefined) say({ kind: 'found', index, what })
      return false
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  }
  process.on('message', async (order: Order) => {
    let [read, refused] = [0, 0]
    for (let index = order.from; index < order.to; index++) {
      now = index
      say({ kind: 'begins', index })
      if (await one(order, index)) read++
      else refused++
    }
    say({ kind: 'done', read, refused, bytes: process.memoryUsage().rss })
  })
  say({ kind: 'ready', names: all.map(r => r.name), slow: all.map(r => r.slow === true) })
}

mkdirSync(folder, { recursive: true })
void main()
