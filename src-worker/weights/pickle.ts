// A pickle read as data: a stack machine that knows a few names and runs nothing.
// Every opcode and every global that is not listed is refused; sizes are checked before anything is allocated.
// Ours, because all that is not on its allow-list must be refused before anything is made of it.
// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py

import { cursor, longOf, numberOf, type PickleBytes, PickleRefused, refuse } from './pickle-bytes'

/** A Python tuple; lists are plain arrays, dictionaries Maps. */
export class Tuple {
  readonly items: readonly PickleValue[]
  constructor(items: readonly PickleValue[]) {
    this.items = items
  }
}

/** A global of the allow-list, by its full name (`torch.FloatStorage`). */
export class Global {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** Something that the caller's `reduce` or `persistent` made. */
export class Made<T = unknown> {
  readonly value: T
  constructor(value: T) {
    this.value = value
  }
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Tuple
  | Global
  | Made

export interface PickleRules {
  /** full names that may be mentioned */
  readonly globals: ReadonlySet<string>
  /** what a mentioned global makes of its arguments; throws when it does not like them */
  reduce(name: string, args: readonly PickleValue[]): PickleValue
  /** what a persistent id stands for */
  persistent(id: PickleValue): PickleValue
}

const mostOpcodes = 5_000_000
const mostItems = 1_000_000
const mark = Symbol('mark')
type Slot = PickleValue | typeof mark

interface Machine {
  readonly stack: Slot[]
  readonly memo: Map<number, PickleValue>
  readonly rules: PickleRules
  readonly read: PickleBytes
}

function pop({ stack }: Machine): PickleValue {
  const top = stack.pop()
  return top === undefined || top === mark ? refuse('its stack runs empty') : (top as PickleValue)
}

function top({ stack }: Machine): PickleValue {
  const value = stack.at(-1)
  return value === undefined || value === mark
    ? refuse('its stack runs empty')
    : (value as PickleValue)
}

function popMark({ stack }: Machine): PickleValue[] {
  const at = stack.lastIndexOf(mark)
  if (at < 0) refuse('a mark is missing')
  if (stack.length - at > mostItems) refuse('a collection is too long')
  return stack.splice(at).slice(1) as PickleValue[]
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
  const target = top(machine)
  if (!(target instanceof Map) || items.length % 2 !== 0)
    throw new PickleRefused('items are set on no dictionary')
  for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!)
}

function append(machine: Machine, items: readonly PickleValue[]): void {
  const target = top(machine)
  if (!Array.isArray(target)) throw new PickleRefused('items are appended to no list')
  for (const item of items) target.push(item)
}

function named(machine: Machine, module: string, name: string): Global {
  const full = `${module}.${name}`
  if (machine.rules.globals.has(full)) return new Global(full)
  return refuse(
    `it asks for ${full.slice(0, 100)}, which a snapshot has no need of (nothing was run)`,
  )
}

function reduce(machine: Machine): PickleValue {
  const [args, callee] = [pop(machine), pop(machine)]
  if (!(callee instanceof Global) || !(args instanceof Tuple))
    return refuse('it calls something that is no name')
  return machine.rules.reduce(callee.name, args.items)
}

function recall(machine: Machine, index: number): PickleValue {
  const value = machine.memo.get(index)
  return value === undefined ? refuse(`memo ${index} was never set`) : value
}

const tupleOf = (machine: Machine, count: number): Tuple =>
  new Tuple(Array.from({ length: count }, () => pop(machine)).reverse())

/** A pair of strings from the stack, for STACK_GLOBAL. */
function stackGlobal(machine: Machine): Global {
  const [name, module] = [pop(machine), pop(machine)]
  if (typeof name !== 'string' || typeof module !== 'string') return refuse('a global has no name')
  return named(machine, module, name)
}

type Push = (machine: Machine) => Slot
type Act = (machine: Machine) => void

/** Opcodes that push one thing. */
const pushes: ReadonlyMap<string, Push> = new Map<string, Push>([
  ['(', () => mark],
  ['N', () => null],
  ['\x88', () => true],
  ['\x89', () => false],
  ['I', ({ read }) => numberOf(read.line())],
  ['L', ({ read }) => numberOf(read.line())],
  ['F', ({ read }) => numberOf(read.line())],
  ['J', ({ read }) => read.i32()],
  ['K', ({ read }) => read.u8()],
  ['M', ({ read }) => read.u16()],
  ['\x8a', ({ read }) => longOf(read.raw(read.u8()))],
  ['G', ({ read }) => read.f64()],
  ['X', ({ read }) => read.text(read.u32())],
  ['\x8c', ({ read }) => read.text(read.u8())],
  ['\x8d', ({ read }) => read.text(read.u64())],
  ['U', ({ read }) => read.text(read.u8())],
  ['T', ({ read }) => read.text(read.u32())],
  [')', () => new Tuple([])],
  ['t', machine => new Tuple(popMark(machine))],
  ['\x85', machine => tupleOf(machine, 1)],
  ['\x86', machine => tupleOf(machine, 2)],
  ['\x87', machine => tupleOf(machine, 3)],
  [']', () => []],
  ['l', popMark],
  ['}', () => new Map()],
  ['c', machine => named(machine, machine.read.line(), machine.read.line())],
  ['\x93', stackGlobal],
  ['R', reduce],
  ['Q', machine => machine.rules.persistent(pop(machine))],
  ['h', machine => recall(machine, machine.read.u8())],
  ['j', machine => recall(machine, machine.read.u32())],
  ['g', machine => recall(machine, Number(machine.read.line()))],
])

/** Opcodes that change what is there. */
const acts: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['\x80', ({ read }) => void (read.u8() > 5 && refuse('its protocol is not known'))],
  ['\x95', ({ read }) => void read.u64()],
  ['0', ({ stack }) => void (stack.length === 0 ? refuse('its stack runs empty') : stack.pop())],
  ['1', machine => void popMark(machine)],
  ['q', machine => void machine.memo.set(machine.read.u8(), top(machine))],
  ['r', machine => void machine.memo.set(machine.read.u32(), top(machine))],
  ['p', machine => void machine.memo.set(Number(machine.read.line()), top(machine))],
  ['\x94', machine => void machine.memo.set(machine.memo.size, top(machine))],
  ['a', machine => append(machine, [pop(machine)])],
  ['e', machine => append(machine, popMark(machine))],
  ['s', machine => setItems(machine, [pop(machine), pop(machine)].reverse())],
  ['u', machine => setItems(machine, popMark(machine))],
  // attributes of an object (state dictionaries carry `_metadata`): read and dropped
  ['b', machine => void pop(machine)],
])

/** One pickle from `start`; `end` is the position after its STOP. */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  rules: PickleRules,
): { readonly value: PickleValue; readonly end: number } {
  const machine: Machine = { stack: [], memo: new Map(), rules, read: cursor(bytes, start) }
  for (let count = 0; count < mostOpcodes; count++) {
    const opcode = String.fromCharCode(machine.read.u8())
    if (opcode === '.') {
      const value = pop(machine)
      if (machine.stack.length > 0)
        refuse(`${machine.stack.length} values are left over at its end`)
      return { value, end: machine.read.position() }
    }
    const push = pushes.get(opcode)
    const act = acts.get(opcode)
    if (push !== undefined) machine.stack.push(push(machine))
    else if (act !== undefined) act(machine)
    else refuse(`opcode 0x${opcode.charCodeAt(0).toString(16)} is not one that a snapshot needs`)
    if (machine.stack.length > mostItems) refuse('it piles up too many values')
  }
  return refuse(`it has more than ${mostOpcodes} opcodes`)
}
