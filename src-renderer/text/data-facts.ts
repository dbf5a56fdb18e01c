// What a data report holds, line by line, in words. What is empty is left out, and what is nested gets the name of its place.
import { percent } from '../../src-worker/shared/percent'
import { count } from './format'

const titles: Readonly<Record<string, string>> = {
  heldOut: 'held out',
  waitShare: 'waited for data',
  threadFault: 'fault of a thread',
  leftOut: 'left out',
}

/** "waitShare" → "waited for data", "longestRecord" → "longest record" */
const titleOf = (key: string): string =>
  titles[key] ?? key.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (isObject(value) && Object.keys(value).length === 0)

function textOf(key: string, value: unknown): string {
  if (typeof value !== 'number') return String(value)
  if (/share$/i.test(key)) return percent(value, 1)
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4)))
}

/** Name and value of each line. */
export function factsOf(
  report: Readonly<Record<string, unknown>>,
  under = '',
): readonly (readonly [name: string, value: string])[] {
  return Object.entries(report).flatMap(([key, value]): (readonly [string, string])[] => {
    const name = [under, titleOf(key)].filter(Boolean).join(' · ')
    if (isEmpty(value)) return []
    if (Array.isArray(value) && value.every(item => !isObject(item)))
      return [[name, value.map(item => textOf(key, item)).join(', ')]]
    return isObject(value) ? [...factsOf(value, name)] : [[name, textOf(key, value)]]
  })
}
