// Many continuations of one prefix as a tree, so that the decoding program scores them all in one short pass:
// continuations that begin alike share their first tokens, and a mask shows each token its own ancestors only.

/** Nodes are the tokens that must be read to predict later ones; the last token of a continuation is never read. */
export interface ContinuationTree {
  /** [M] */
  readonly tokens: Int32Array
  /** [M]: 0 for a first token */
  readonly depths: Int32Array
  /** [M, M]: 0 for a node and its ancestors, −1e30 elsewhere */
  readonly mask: Float32Array
  /** after which node each token of each continuation is predicted; −1: after the prefix */
  readonly after: readonly (readonly number[])[]
}

const hidden = -1e30

/** Continuations may be empty; they may be equal. */
export function continuationTree(continuations: readonly (readonly number[])[]): ContinuationTree {
  const tokens: number[] = []
  const parents: number[] = []
  const depths: number[] = []
  const children = new Map<string, number>()
  const childOf = (parent: number, token: number): number => {
    const key = `${parent}:${token}`
    const known = children.get(key)
    if (known !== undefined) return known
    children.set(key, tokens.length)
    parents.push(parent)
    depths.push(parent < 0 ? 0 : depths[parent]! + 1)
    return tokens.push(token) - 1
  }
  const after = continuations.map(continuation => {
    let node = -1
    return continuation.map((token, i) => {
      const before = node
      if (i < continuation.length - 1) node = childOf(node, token)
      return before
    })
  })
  return {
    tokens: Int32Array.from(tokens),
    depths: Int32Array.from(depths),
    mask: ancestorMask(parents),
    after,
  }
}

/** Parents come before their children. */
function ancestorMask(parents: readonly number[]): Float32Array {
  const size = parents.length
  const mask = new Float32Array(size * size).fill(hidden)
  for (const [node, parent] of parents.entries()) {
    if (parent >= 0) mask.copyWithin(node * size, parent * size, (parent + 1) * size)
    mask[node * size + node] = 0
  }
  return mask
}
