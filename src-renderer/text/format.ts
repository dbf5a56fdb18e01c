// Numbers as people read them. Every function is pure and says its unit.

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 1536 → "1,536" */
export const count = (n: number): string => grouped.format(n)

/** 162000000 → "162 M" */
export function compact(n: number): string {
  const scales: readonly [number, string][] = [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ]
  for (const [scale, letter] of scales)
    if (Math.abs(n) >= scale) return `${short(n / scale)} ${letter}`
  return short(n)
}

const short = (n: number): string =>
  Math.abs(n) >= 100 || Number.isInteger(n) ? n.toFixed(0) : n.toFixed(1)

/** bytes → "1.8 GB" (powers of 1000, as disks and downloads are labelled) */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let at = 0
  let size = n
  while (Math.abs(size) >= 1000 && at < units.length - 1) {
    size /= 1000
    at += 1
  }
  return `${at === 0 ? size.toFixed(0) : short(size)} ${units[at]}`
}

/** seconds → "5 h 20 m", "6 m 12 s", "0.6 s"; more than 99 hours are not counted out */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  if (seconds === 0) return '0 s'
  if (seconds > 0 && seconds < 0.1) return `${Math.ceil(seconds * 1000)} ms`
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${seconds.toFixed(0)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${Math.floor(seconds % 60)} s`
  const hours = Math.floor(seconds / 3600)
  if (hours > 99) return hours > 24 * 99 ? '> 99 days' : `${Math.round(hours / 24)} days`
  return `${hours} h ${Math.floor((seconds % 3600) / 60)} m`
}

/** A measured value with four significant digits: 2.934, 0.4123, 1.23e-5 */
export function measure(n: number | null | undefined): string {
  if (n === null || n === undefined) return '–'
  if (!Number.isFinite(n)) return Number.isNaN(n) ? 'NaN' : n > 0 ? '∞' : '−∞'
  if (n < 0) return `−${measure(-n)}`
  if (n === 0) return '0'
  if (n >= 1e6 || n < 1e-4) return n.toExponential(2)
  if (n >= 1000) return grouped.format(n)
  if (n >= 1) return n.toFixed(n >= 100 ? 1 : n >= 10 ? 2 : 3)
  return String(Number(n.toPrecision(4)))
}

/** ISO date → "3 minutes ago"; older than a week: the date */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1000
  if (!Number.isFinite(seconds)) return iso
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return plural(Math.floor(seconds / 60), 'minute') + ' ago'
  if (seconds < 86400) return plural(Math.floor(seconds / 3600), 'hour') + ' ago'
  if (seconds < 7 * 86400) return plural(Math.floor(seconds / 86400), 'day') + ' ago'
  return iso.slice(0, 10)
}

/** 1 → "1 run", 3 → "3 runs" */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`

/** The last part of a path, whichever slash it uses. */
export const baseName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path

/** "org/name" or a folder → its short name */
export const modelName = (model: string): string => baseName(model)
