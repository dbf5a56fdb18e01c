// What we promise, held against the rows of one run.
import type { Row } from './compare'
import type { Side } from './contestant'

export interface Target {
  readonly what: string
  readonly measured: number
  /** at least, or at most */
  readonly bound: 'least' | 'most'
  readonly promised: number
  readonly holds: boolean
}

const target = (
  what: string,
  measured: number | undefined,
  bound: Target['bound'],
  promised: number,
): readonly Target[] => {
  if (measured === undefined || !Number.isFinite(measured)) return []
  const holds = bound === 'least' ? measured >= promised : measured <= promised
  return [{ what, measured, bound, promised, holds }]
}

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined || b === 0 ? undefined : a / b

/** Those that the rows can show. */
export function targetsOf(rows: readonly Row[]): readonly Target[] {
  const value = (work: string, side: Side, name: string): number | undefined =>
    rows.find(row => row.work === work && row.side === side)?.values[name]
  const times = (work: string, promised: number): readonly Target[] => {
    const found = ratio(value(work, 'peft', 'ms'), value(work, 'workbench', 'ms'))
    return target(`${work}: times as fast as PEFT`, found, 'least', promised)
  }
  const ours = rows.filter(row => row.side === 'workbench')
  const peaks = ours.flatMap(({ work, values }) => {
    const found = ratio(values.peakBytes, value(work, 'peft', 'peakBytes'))
    return target(`${work}: peak memory over PEFT's`, found, 'most', 0.6)
  })
  const plans = ours.flatMap(({ work, values }) => {
    const found = ratio(values.plannedBytes, values.peakBytes)
    const off = found === undefined ? undefined : Math.abs(found - 1)
    return target(`${work}: planned memory off the peak`, off, 'most', 0.15)
  })
  const generations = ['70m generate 1', '70m generate 16'].flatMap(work => {
    const [we, they] = [
      value(work, 'workbench', 'perSecond'),
      value(work, 'transformers', 'perSecond'),
    ]
    return target(`${work}: times as fast as transformers`, ratio(we, they), 'least', 2)
  })
  return [
    ...times('70m short', 1.5),
    ...times('70m long', 2.5),
    ...peaks,
    ...target('70m short: opening, ms', value('70m short', 'workbench', 'openingMs'), 'most', 1500),
    ...target('demo: opening, ms', value('demo', 'workbench', 'openingMs'), 'most', 300),
    ...generations,
    ...target(
      'demo generate: first token, ms',
      value('demo generate', 'workbench', 'firstTokenMs'),
      'most',
      50,
    ),
    ...plans,
  ]
}
