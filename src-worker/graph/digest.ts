// Graph replay: what a program is, small enough to be recorded. A refactor leaves it equal.
import { createHash } from 'node:crypto'
import type { OnnxModel } from './onnx'

export interface Digest {
  /** sha-256 of the ONNX bytes, first 16 hex digits */
  readonly sha256: string
  readonly nodes: number
  readonly ops: Readonly<Record<string, number>>
}

export function digest(model: OnnxModel): Digest {
  const sha256 = createHash('sha256').update(model.bytes).digest('hex').slice(0, 16)
  const entries = Object.entries(model.opCounts).sort(([a], [b]) => (a < b ? -1 : 1))
  const nodes = entries.reduce((n, [, count]) => n + count, 0)
  return { sha256, nodes, ops: Object.fromEntries(entries) }
}
