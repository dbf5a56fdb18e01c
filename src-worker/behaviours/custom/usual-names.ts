// Names that other files give to prompt and completion: what a person may have meant by a file that is not read.
import type { CustomFields } from '../../contract/experiment-spec'
import type { Fields } from '../../dataset/fields'
import { isPlain } from '../../shared/plain-object'
import { quoted } from '../../shared/shell'
import { usualConversations, usualPairs } from '../../shared/usual-fields'

function likelyNames(fields: Fields): Partial<CustomFields> | undefined {
  const chat = usualConversations.find(name => Array.isArray(fields[name]))
  if (chat !== undefined) return { messages: chat }
  const pair = usualPairs.find(names => names.every(name => Object.hasOwn(fields, name)))
  if (pair === undefined) return undefined
  const [prompt, completion] = pair
  const wrong = Object.hasOwn(fields, 'rejected') ? { alternatives: 'rejected' } : {}
  const input = prompt === 'instruction' && Object.hasOwn(fields, 'input') ? { input: 'input' } : {}
  return { prompt, ...input, completion, ...wrong }
}

/** What a record is that holds many: records by their names, or columns; empty: neither. */
export function holdsMany(fields: Fields): string {
  const values = Object.values(fields)
  if (values.length > 1 && values.every(isPlain))
    return "; it seems to hold records by name, which jq -c '.[]' writes one a line"
  const [first] = values
  const isColumn = (value: unknown): boolean =>
    Array.isArray(value) && value.length === (first as readonly unknown[]).length
  if (values.length < 2 || !Array.isArray(first) || !values.every(isColumn)) return ''
  return '; it seems to hold columns, which pandas.read_json(FILE).to_json(OUT, orient="records", lines=True) writes as records'
}

/** The options that map a record's fields by their names; empty: nothing is known by them, or it is mapped so already. */
export function mappingHint(fields: Fields, names: CustomFields): string {
  const likely = likelyNames(fields)
  const mapped = Object.entries(likely ?? {})
  if (
    likely === undefined ||
    mapped.every(([name, value]) => names[name as keyof CustomFields] === value)
  )
    return ''
  return mapped.map(([name, value]) => `--${name}-field ${quoted(value as string)}`).join(' ')
}
