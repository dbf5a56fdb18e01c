// What the machine's matrix kernels can do: onnxruntime's own products with the model's matrices, nothing else.
import { toOnnx } from '../src-worker/graph/onnx'
import { gemm } from '../src-worker/graph/ops/linear'
import { slice } from '../src-worker/graph/ops/shape'
import { float32 } from '../src-worker/graph/tensor'
import { input } from '../src-worker/graph/value'
import { weightSource } from '../src-worker/model/source'
import type { Runtime } from '../src-worker/session/runtime'
import { openModelFolder } from '../src-worker/weights/model-folder'
import type { Opened } from './opened'
import type { Work } from './works'

interface Product {
  readonly rows: number
  readonly into: number
  readonly out: number
  /** how often the model has it */
  readonly times: number
  readonly run: () => Promise<unknown>
  readonly release: () => Promise<void>
}

/** Rows of one product, enough that beginning and ending it count for nothing. */
const bodyRows = 2048
/** As many as the loss takes at once (program/sizes.ts). */
const headRows = 160
const repetitions = 5

/** The first run finds the caches cold and the threads asleep: the quickest of some counts. */
async function leastSeconds(run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < repetitions; i++) {
    const began = performance.now()
    await run()
    least = Math.min(least, (performance.now() - began) / 1000)
  }
  return least
}

const headNames = ['embed_out.weight', 'lm_head.weight', 'model.embed_tokens.weight']

export async function openCeiling(work: Work, path: string, runtime: Runtime): Promise<Opened> {
  if (work.kind !== 'train') throw new Error(`no ceiling for ${work.kind}`)
  const folder = await openModelFolder(path)
  const head = headNames.find(name => folder.tensors.has(name))
  const first = [...folder.tensors.values()].filter(
    ({ name, shape }) => shape.length === 2 && (/\.layers\.0\./.test(name) || name === head),
  )
  const products: Product[] = []
  for (const { name, shape } of first) {
    const [out, into] = shape as [number, number]
    const isHead = name === head
    const labelled = work.lanes * (work.slots - work.prompt)
    const rows = isHead ? headRows : bodyRows
    // as often as the step has such rows, so that each matrix counts as it does there
    const times = isHead ? labelled / rows : (folder.config.layers * work.lanes * work.slots) / rows
    products.push({ ...(await product(runtime, path, name, rows)), rows, into, out, times })
  }
  return {
    opened: { openingMs: 0 },
    measure: async () => {
      let [operations, seconds] = [0, 0]
      for (const { rows, into, out, times, run } of products) {
        seconds += times * (await leastSeconds(run))
        operations += times * 2 * rows * into * out
      }
      return { gigaflops: operations / seconds / 1e9 }
    },
    release: async () => {
      for (const { release } of products) await release()
    },
  }
}

/** x·Wᵀ with x of so many rows. One row of it comes out: what the rest would take to cross is no product. */
async function product(runtime: Runtime, path: string, name: string, rows: number) {
  const folder = await openModelFolder(path)
  const [out, into] = folder.tensors.get(name)!.shape as [number, number]
  const source = weightSource(folder, 'float32')
  const x = input('x', 'float32', ['M', into])
  const product = gemm(x, source.matrix(name, [out, into]))
  const program = { inputs: [x], outputs: { y: slice(product, 0, 0, 1) } }
  const session = await runtime.open(toOnnx(program, source.folder).bytes, source.folder)
  const feeds = { x: float32([rows, into], new Float32Array(rows * into).fill(0.1)) }
  await session.run(feeds)
  return { run: () => session.run(feeds), release: () => session.release() }
}
