// Versions of Python packages and what a requirement says of them (PEP 440), as far as wheels on an index need it.

export interface Version {
  readonly text: string
  readonly epoch: number
  readonly release: readonly number[]
  /** alpha, beta, release candidate or development version: taken only when named exactly */
  readonly early: boolean
}

const pattern = /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(.*)$/i
const earlyPart = /^[._-]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)/i

/** undefined: not a version. */
export function parseVersion(text: string): Version | undefined {
  const match = pattern.exec(text.trim())
  if (match === null) return undefined
  const [, epoch = '0', release = '', rest = ''] = match
  return {
    text: text.trim(),
    epoch: Number(epoch),
    release: release.split('.').map(Number),
    early: earlyPart.test(rest) || /\.dev\d*$/i.test(rest),
  }
}

/** Missing parts count as 0: 13.0 = 13.0.0. */
export function compareVersions(a: Version, b: Version): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch
  const length = Math.max(a.release.length, b.release.length)
  for (let i = 0; i < length; i++) {
    const difference = (a.release[i] ?? 0) - (b.release[i] ?? 0)
    if (difference !== 0) return difference
  }
  return Number(b.early) - Number(a.early)
}

const startsWith = (version: Version, parts: readonly number[]): boolean =>
  parts.every((part, i) => (version.release[i] ?? 0) === part)

type Rule = (version: Version, limit: Version) => boolean

const rules: Readonly<Record<string, Rule>> = {
  '==': (v, limit) => compareVersions(v, limit) === 0,
  '!=': (v, limit) => compareVersions(v, limit) !== 0,
  '>=': (v, limit) => compareVersions(v, limit) >= 0,
  '<=': (v, limit) => compareVersions(v, limit) <= 0,
  '>': (v, limit) => compareVersions(v, limit) > 0,
  '<': (v, limit) => compareVersions(v, limit) < 0,
  // compatible release: ~=13.0 is >=13.0, ==13.*
  '~=': (v, limit) => compareVersions(v, limit) >= 0 && startsWith(v, limit.release.slice(0, -1)),
}

function meetsOne(version: Version, clause: string): boolean {
  const match = /^(~=|===?|!=|>=|<=|>|<)\s*(\S+)$/.exec(clause)
  if (match === null) return false
  const [, sign = '', text = ''] = match
  const family = parseVersion(text.replace(/\.\*$/, ''))
  if (family === undefined) return false
  if (text.endsWith('.*')) return startsWith(version, family.release) === (sign !== '!=')
  return rules[sign === '===' ? '==' : sign]?.(version, family) ?? false
}

/** `>=13.0,<14`; an empty requirement is met by all. A clause that is not understood is not met. */
export const meets = (version: Version, requirement: string): boolean =>
  requirement
    .split(',')
    .map(clause => clause.trim())
    .filter(clause => clause !== '')
    .every(clause => meetsOne(version, clause))
