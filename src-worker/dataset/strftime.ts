// strftime of one day in English, as Python writes it in the C locale: the same text on any machine.

const months =
  'January February March April May June July August September October November December'.split(' ')
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

const two = (n: number): string => String(n).padStart(2, '0')

/** "2026-11-28", of this machine's day */
export const isoDate = (day: Date): string =>
  `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`

const dayMs = 86_400_000

/** Year and number of the week that begins on a Monday and holds a Thursday of its year (ISO 8601). */
function isoWeek(day: Date): { readonly weekYear: number; readonly week: number } {
  const thursday = new Date(day.getTime() + (4 - (day.getUTCDay() || 7)) * dayMs)
  const weekYear = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(weekYear, 0, 1)) / dayMs / 7) + 1
  return { weekYear, week }
}

/** What each letter stands for, at midnight. */
function written(day: Date): Readonly<Record<string, string>> {
  const [year, month, dayOfMonth] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()]
  const ofYear = (Date.UTC(year, month, dayOfMonth) - Date.UTC(year, 0, 0)) / dayMs
  const weekday = day.getUTCDay()
  const sinceMonday = (weekday + 6) % 7
  const { weekYear, week } = isoWeek(day)
  const [name, dayName] = [months[month] ?? '', days[weekday] ?? '']
  const [m, d, y] = [two(month + 1), two(dayOfMonth), two(year % 100)]
  const blank = String(dayOfMonth).padStart(2, ' ')
  const [b, a] = [name.slice(0, 3), dayName.slice(0, 3)]
  return {
    ...{ Y: String(year), C: two(Math.floor(year / 100)), y, m, d, e: blank },
    ...{ B: name, b, h: b, A: dayName, a, w: String(weekday), u: String(weekday || 7) },
    ...{ j: String(ofYear).padStart(3, '0'), U: two(Math.floor((ofYear + 6 - weekday) / 7)) },
    ...{ W: two(Math.floor((ofYear + 6 - sinceMonday) / 7)), V: two(week) },
    ...{ G: String(weekYear), g: two(weekYear % 100), F: `${year}-${m}-${d}`, D: `${m}/${d}/${y}` },
    ...{ H: '00', k: ' 0', I: '12', l: '12', M: '00', S: '00', f: '000000', p: 'AM', P: 'am' },
    ...{ T: '00:00:00', X: '00:00:00', R: '00:00', r: '12:00:00 AM', x: `${m}/${d}/${y}` },
    ...{ c: `${a} ${b} ${blank} 00:00:00 ${year}`, n: '\n', t: '\t', '%': '%' },
  }
}

/**
 * The day at midnight, as `format` asks; what is unknown stays as it is.
 * @param date "2026-11-28"
 */
export function strftime(date: string, format: string): string {
  const parts = written(new Date(`${date}T00:00:00Z`))
  // %-d, as glibc has it: without a leading zero or blank
  return format.replace(/%(-?)([a-zA-Z%])/g, (whole, bare: string, letter: string) => {
    const text = parts[letter]
    if (text === undefined) return whole
    return bare === '' ? text : text.replace(/^[0 ]+(?=.)/, '')
  })
}
