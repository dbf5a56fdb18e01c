// What onnxruntime reports of copies between host and device, out of the log of a process whose sessions report it
// (SessionOptions.log). One line for each graph that got some; a scan's body is a graph of its own (graph/onnx.ts):
//   [W:onnxruntime:, transformer_memcpy.cc:83 ApplyImpl] 3 Memcpy nodes are added to the graph body1 for
//   CUDAExecutionProvider. It might have negative impact on performance …
// and, a line for each, before it:
//   [I:onnxruntime:, transformer_memcpy.cc:329 AddCopyNode] Add MemcpyFromHost after v17 for CUDAExecutionProvider

export interface Copies {
  /** nodes in the bodies of scans: they copy at every step */
  readonly inside: number
  /** nodes around them: they copy once a run call */
  readonly outside: number
  /** what is copied, as the log has it: `MemcpyFromHost after v17` */
  readonly values: readonly string[]
}

const count = /(\d+) Memcpy nodes are added to the graph (\S*) for /g
const value = /Add (Memcpy(?:FromHost after|ToHost before) \S+) for /g
/** said of every session, whatever it got */
const looked = /GraphTransformer MemcpyTransformer modified: [01]/

/** Undefined: the log does not say, because no session was opened or onnxruntime's words have changed. */
export function copiesIn(log: string): Copies | undefined {
  if (!looked.test(log)) return undefined
  const graphs = [...log.matchAll(count)].map(([, n, name]) => ({ n: Number(n), name: name! }))
  const total = (bodies: boolean): number =>
    graphs.reduce((sum, { n, name }) => sum + (name.startsWith('body') === bodies ? n : 0), 0)
  return {
    inside: total(true),
    outside: total(false),
    values: [...log.matchAll(value)].map(([, what]) => what!),
  }
}
