// Numbers in options; what is no number is named.
import { Fault } from '../contract/fault'

export const numberFrom = (flag: string, text: string): number => {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new Fault('usage', `--${flag} ${text} is not a number`, `Give --${flag} a number.`)
}

export function numbersFrom(flag: string, text: string | undefined): number[] {
  if (text === undefined || text === '') return []
  const numbers = text.split(',').map(Number)
  if (text.split(',').every(part => part.trim() !== '') && numbers.every(Number.isFinite))
    return numbers
  throw new Fault('usage', `--${flag} ${text} are not numbers`, 'Give numbers, comma separated.')
}
