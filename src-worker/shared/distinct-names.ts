// What the rows of a list are called: by what distinguishes them. Legends, headers, lists and palettes all use this.

export interface Identity {
  readonly id: string
  /** given by a person; empty: none */
  readonly name: string
  /** fields that a name says wherever the rows differ in them; an empty one is left out */
  readonly main: readonly string[]
  /** fields that it says only where two rows would be called the same */
  readonly more: readonly string[]
  /** said only where all of these are the same; empty: none */
  readonly last: string
}

export interface DistinctName {
  /** what distinguishes the row: in a legend or a header this is enough */
  readonly short: string
  /** the main fields that the short name leaves out, as the other rows have them too */
  readonly rest: string
}

/** First what distinguishes it, then what it shares with the others. */
export const nameText = ({ short, rest }: DistinctName): string => joined([short, rest])

const joined = (parts: readonly string[]): string => parts.filter(part => part !== '').join(' · ')

/** Of each field, whether it is not the same in all rows. */
const varying = (rows: readonly (readonly string[])[]): readonly boolean[] =>
  (rows[0] ?? []).map((first, i) => rows.some(row => row[i] !== first))

/** Rows by their short name so far. */
function groupsOf(short: ReadonlyMap<string, string>, rows: readonly Identity[]) {
  const groups = new Map<string, Identity[]>()
  for (const row of rows) {
    const key = short.get(row.id) ?? ''
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.entries()]
}

/** Of rows with one name, as few fields as set them apart, as far as fields can; first those with the most values. */
function apartFrom(rows: readonly Identity[]): ReadonlyMap<string, string> {
  const fields = rows.map(row => [...row.main, ...row.more])
  const textOf = (row: readonly string[], of: readonly number[]) =>
    joined(of.map(i => row[i] ?? ''))
  const kinds = (of: readonly number[]) => new Set(fields.map(row => textOf(row, of))).size
  let chosen: readonly number[] = []
  for (const i of fields[0]?.keys() ?? [])
    if (kinds([...chosen, i]) > kinds(chosen)) chosen = [...chosen, i]
  // an earlier field may say nothing that the later ones do not
  for (const i of [...chosen].reverse()) {
    const others = chosen.filter(other => other !== i)
    if (kinds(others) === kinds(chosen)) chosen = others
  }
  const first = [...chosen].sort((a, b) => kinds([b]) - kinds([a]))
  return new Map(rows.map((row, i) => [row.id, textOf(fields[i] ?? [], first)]))
}

/** Rows that are still called the same get the fields in which they differ, then their last, at last the end of their id. */
function setApart(short: Map<string, string>, rows: readonly Identity[]): void {
  for (const [name, same] of groupsOf(short, rows)) {
    if (same.length < 2) continue
    for (const [id, own] of apartFrom(same)) short.set(id, joined([own, name]))
  }
  for (const [name, same] of groupsOf(short, rows)) {
    if (new Set(same.map(({ last }) => last)).size < 2) continue
    for (const { id, last } of same) short.set(id, joined([last, name]))
  }
  for (const [name, same] of groupsOf(short, rows)) {
    if (same.length < 2) continue
    const tails = new Set(same.map(({ id }) => id.slice(-6)))
    const tail = (id: string) => (tails.size === same.length ? id.slice(-6) : id)
    for (const { id } of same) short.set(id, joined([tail(id), name]))
  }
}

/** A name for each row, no two the same. A row alone is called by all that it is. */
export function distinctNames(rows: readonly Identity[]): ReadonlyMap<string, DistinctName> {
  const shareName = new Set(rows.map(row => row.name)).size === 1
  const unnamed = rows.filter(row => shareName || row.name === '')
  const isMixed = unnamed.length < rows.length
  const differ = varying(unnamed.map(row => row.main))
  const wholeOf = (row: Identity) => row.name || joined(row.main)
  const short = new Map<string, string>()
  for (const row of rows) {
    const isNamed = !shareName && row.name !== ''
    const parts = isMixed ? row.main : row.main.filter((_, i) => differ[i])
    short.set(row.id, isNamed ? row.name : rows.length === 1 ? wholeOf(row) : joined(parts))
  }
  setApart(short, rows)
  return new Map(
    rows.map(row => {
      const name = short.get(row.id) || wholeOf(row)
      const said = new Set(name.split(' · '))
      const others = [shareName ? row.name : '', ...row.main].filter(part => !said.has(part))
      return [row.id, { short: name, rest: rows.length === 1 && row.name ? '' : joined(others) }]
    }),
  )
}
