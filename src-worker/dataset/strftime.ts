// strftime of one day in English, as Python writes it in the C locale: the same text on any machine.

const months =
  'January February March April May June July August September October November December'.split(' ')
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

const two = (n: number): string => String(n).padStart(2, '0')

/** "2026-11-28", of this machine's day */
export const isoDate = (day: Date): string =>
  `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`

/**
 * The day at midnight, as `format` asks; what is unknown stays as it is.
 * @param date "2026-11-28"
 */
export function strftime(date: string, format: string): string {
  const day = new Date(`${date}T00:00:00Z`)
  const [year, month, dayOfMonth] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()]
  const ofYear = (Date.UTC(year, month, dayOfMonth) - Date.UTC(year, 0, 0)) / 86_400_000
  const name = months[month] ?? ''
  const weekday = days[day.getUTCDay()] ?? ''
  const written: Readonly<Record<string, string>> = {
    ...{ Y: String(year), y: two(year % 100), m: two(month + 1), d: two(dayOfMonth) },
    ...{ B: name, b: name.slice(0, 3), h: name.slice(0, 3), A: weekday, a: weekday.slice(0, 3) },
    ...{ e: String(dayOfMonth).padStart(2, ' '), j: String(ofYear).padStart(3, '0') },
    ...{ H: '00', I: '12', M: '00', S: '00', p: 'AM', f: '000000', w: String(day.getUTCDay()) },
    ...{ F: `${year}-${two(month + 1)}-${two(dayOfMonth)}`, T: '00:00:00', R: '00:00' },
    ...{ D: `${two(month + 1)}/${two(dayOfMonth)}/${two(year % 100)}`, '%': '%' },
  }
  // %-d, as glibc has it: without a leading zero or blank
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, bare: string, letter: string) => {
    const text = written[letter]
    if (text === undefined) return whole
    return bare === '' ? text : text.replace(/^[0 ]+(?=.)/, '')
  })
}
