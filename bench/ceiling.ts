// What the machine's matrix kernels can do: onnxruntime's own products with the model's matrices, nothing else.
import { toOnnx } from '../src-worker/graph/onnx'
import { gemm } from '../src-worker/graph/ops/linear'
import { float32 } from '../src-worker/graph/tensor'
import { input } from '../src-worker/graph/value'
import { weightSource } from '../src-worker/model/source'
import type { Runtime } from '../src-worker/session/runtime'
import { openModelFolder } from '../src-worker/weights/model-folder'
import type { Opened } from './child'
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

const headRows = 80
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
    // the head takes its rows in chunks, as the loss does
    const rows = isHead ? Math.min(labelled, headRows) : work.lanes * work.slots
    const times = isHead ? labelled / rows : folder.config.layers
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

/** x·Wᵀ with x of so many rows, written into an array that is there already. */
async function product(runtime: Runtime, path: string, name: string, rows: number) {
  const folder = await openModelFolder(path)
  const [out, into] = folder.tensors.get(name)!.shape as [number, number]
  const source = weightSource(folder, 'float32')
  const x = input('x', 'float32', ['M', into])
  const program = { inputs: [x], outputs: { y: gemm(x, source.matrix(name, [out, into])) } }
  const session = await runtime.open(toOnnx(program, source.folder).bytes, source.folder)
  const feeds = { x: float32([rows, into], new Float32Array(rows * into).fill(0.1)) }
  const outputs = { y: float32([rows, out], new Float32Array(rows * out)) }
  await session.run(feeds, outputs)
  return { run: () => session.run(feeds, outputs), release: () => session.release() }
}
