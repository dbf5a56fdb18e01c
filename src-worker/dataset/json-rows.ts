// A value of a JSON file as a record: an object, or a list that has no names of its own.
import { isPlain } from '../shared/plain-object'
import { isMessageList, isUsual } from '../shared/usual-fields'
import type { Fields } from './fields'

export type Row =
  | { readonly fields: Fields; readonly notes: readonly string[] }
  /** missing: it holds nothing, which is no sign of another kind of file */
  | { readonly why: string; readonly missing?: true }
  /** the names of the lists behind it */
  | 'names'

export const rowNotes = {
  pair: 'a list of two without names is read as prompt and completion',
  named: 'lists are read under the names in the first one',
  messages: 'a list of messages without a name is read as messages',
} as const

const isNames = (list: readonly unknown[]): list is readonly string[] =>
  list.length > 1 &&
  new Set(list).size === list.length &&
  list.every(name => typeof name === 'string' && isUsual(name))

const isValue = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) || isMessageList(value)

/** Reads the values of one file in their order: lists, where it begins with one, which may hold the names of the others. */
export function rowReader(): (value: unknown) => Row {
  let names: readonly string[] | undefined
  let isFirst = true
  let areLists = false
  const listRow = (list: readonly unknown[], first: boolean): Row => {
    if (isMessageList(list)) return { fields: { messages: list }, notes: [rowNotes.messages] }
    if (first && isNames(list)) {
      names = list
      return 'names'
    }
    if (names !== undefined && names.length === list.length)
      return {
        fields: Object.fromEntries(names.map((name, i) => [name, list[i]])),
        notes: [rowNotes.named],
      }
    const [prompt, completion] = list
    if (names === undefined && list.length === 2 && list.every(isValue))
      return { fields: { prompt, completion }, notes: [rowNotes.pair] }
    return { why: `a list of ${list.length} values that have no names` }
  }
  return value => {
    if (value === null) return { why: 'a record that is null', missing: true }
    const first = isFirst
    isFirst = false
    if (first) areLists = Array.isArray(value)
    if (areLists && Array.isArray(value)) return listRow(value, first)
    return isPlain(value) ? { fields: value, notes: [] } : { why: 'not a JSON object' }
  }
}
