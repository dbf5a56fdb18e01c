// Jinja templates come with models from anywhere, and the library sets no bound on loops and lists. Here every template
// ends: after two seconds, or when it has made 64 MB.
import { type Environment, Interpreter } from '@huggingface/jinja'

class TemplateTooLarge extends Error {}

/** Texts and calls beyond what the engine has, too: a template that calls itself, or doubles its text, for ever. */
export const isUnbounded = (error: unknown): boolean =>
  error instanceof TemplateTooLarge || error instanceof RangeError

/** ms */
const longest = 2000
/** of lists and texts that filters, functions and sums of lists have made */
const mostBytes = 64e6
/** Of one text, characters. Texts put together by ~ share their parts, so that only the longest counts. */
const longestText = 16e6
const bytesPerItem = 64

type Node = Parameters<Interpreter['evaluate']>[0]
type Value = ReturnType<Interpreter['evaluate']>

const stop = (why: string): never => {
  throw new TemplateTooLarge(why)
}

/** What an expression of this kind has made anew. */
function bytesMade(type: string, { value }: Value): number {
  if (typeof value === 'string') {
    if (value.length > longestText) stop(`it makes a text of more than ${longestText} characters`)
    return type === 'FilterExpression' || type === 'CallExpression' ? 2 * value.length : 0
  }
  const makes = type !== 'Identifier' && type !== 'MemberExpression'
  if (makes && Array.isArray(value)) return bytesPerItem * value.length
  return makes && value instanceof Map ? bytesPerItem * value.size : 0
}

/** Ends with TemplateTooLarge instead of never. */
export class BoundedInterpreter extends Interpreter {
  readonly #ends = performance.now() + longest
  #bytes = 0
  #nodes = 0

  override evaluate(node: Node, environment: Environment): Value {
    this.#nodes += 1
    // an empty loop has no nodes inside
    const look = node?.type === 'For' || this.#nodes % 64 === 0
    if (look && performance.now() > this.#ends) stop(`it does not end within ${longest / 1000} s`)
    const value = super.evaluate(node, environment)
    this.#bytes += bytesMade(node?.type ?? '', value)
    if (this.#bytes > mostBytes) stop(`it makes more than ${mostBytes / 1e6} MB`)
    return value
  }
}

/** Jinja's range, as a list. */
export function boundedRange(from: number, to?: number, step = 1): number[] {
  const [first, end] = to === undefined ? [0, from] : [from, to]
  if (step === 0) throw new Error('range() must not have a step of 0')
  const count = Math.max(0, Math.ceil((end - first) / step))
  if (count * bytesPerItem > mostBytes) stop(`it makes a list of ${count} numbers`)
  return Array.from({ length: count }, (_, i) => first + i * step)
}
