// The order in which the nodes of a scope are written, and so run.
import { fail } from '../contract/fault'
import { dependencies } from './scan'
import type { Node, Scope, Value } from './value'

/** The nodes of one scope that the given values need, inputs before outputs. */
export function inOrder(
  scope: Scope | undefined,
  roots: readonly Value[],
  seen: Set<Node> = new Set(),
): readonly Node[] {
  const out: Node[] = []
  const stack = [...roots].reverse().map(value => ({ value, ready: false }))
  while (stack.length > 0) {
    const { value, ready } = stack.pop()!
    const { node } = value
    if (seen.has(node)) continue
    if (node.scope !== scope) {
      if ((node.scope?.depth ?? 0) > (scope?.depth ?? 0)) fail('a value left the body of its scan')
      continue
    }
    if (ready) {
      seen.add(node)
      out.push(node)
      continue
    }
    stack.push({ value, ready: true })
    for (const v of [...dependencies(value)].reverse()) stack.push({ value: v, ready: false })
  }
  return out
}
