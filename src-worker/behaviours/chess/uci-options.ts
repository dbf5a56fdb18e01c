// Options of the UCI engine: how a GUI sees them, and how its words change them.

export interface UciOptions {
  /** off: it plays as a player of `fullStrength` */
  readonly limitStrength: boolean
  readonly elo: number
  readonly opponentElo: number
  /** 0: the most probable move */
  readonly temperature: number
  readonly multiPv: number
  readonly seed: number
}

export const lowestElo = 600
export const highestElo = 3000
/** An Elo that the training data still hold plenty of. */
export const fullStrength = 2400
const mostMoves = 218

export const uciDefaults: UciOptions = {
  limitStrength: true,
  elo: 1500,
  opponentElo: 1500,
  temperature: 0,
  multiPv: 1,
  seed: 0,
}

/** The Elo that the soft prompt gets for the engine's own side. */
export const ownElo = (options: UciOptions): number =>
  options.limitStrength ? options.elo : fullStrength

const spin = (name: string, value: number, min: number, max: number): string =>
  `option name ${name} type spin default ${value} min ${min} max ${max}`

/** What `uci` is answered with. UCI has no type for decimals: Temperature is a string. */
export const optionLines = (options: UciOptions): string[] => [
  `option name UCI_LimitStrength type check default ${options.limitStrength}`,
  spin('UCI_Elo', options.elo, lowestElo, highestElo),
  spin('OpponentElo', options.opponentElo, lowestElo, highestElo),
  `option name Temperature type string default ${options.temperature}`,
  spin('MultiPV', options.multiPv, 1, mostMoves),
  spin('Seed', options.seed, 0, 2147483647),
  'option name UCI_Opponent type string default <empty>',
]

interface Change {
  readonly change: Partial<UciOptions>
  /** what was taken in place of a value that is out of range */
  readonly note?: string
}
/** The change that a value stands for, or undefined: not understood. */
type Reading = (value: string) => Change | undefined

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)$/

function within(value: string, min: number, max: number): { number: number; note?: string } {
  const number = Math.min(max, Math.max(min, Number(value)))
  if (number === Number(value)) return { number }
  return { number, note: `is outside ${min} to ${max}, ${number} is taken` }
}

const numeric =
  (
    key: 'elo' | 'opponentElo' | 'multiPv' | 'seed' | 'temperature',
    min: number,
    max: number,
  ): Reading =>
  value => {
    const form = key === 'temperature' ? decimal : /^[+-]?\d+$/
    if (!form.test(value)) return undefined
    const { number, note } = within(value, min, max)
    return { change: { [key]: number }, ...(note === undefined ? {} : { note }) }
  }

// a map, so that `__proto__` is no option
const readings: ReadonlyMap<string, Reading> = new Map([
  [
    'uci_limitstrength',
    value =>
      /^(true|false)$/i.test(value)
        ? { change: { limitStrength: value.toLowerCase() === 'true' } }
        : undefined,
  ],
  ['uci_elo', numeric('elo', lowestElo, highestElo)],
  ['opponentelo', numeric('opponentElo', lowestElo, highestElo)],
  ['temperature', numeric('temperature', 0, 100)],
  ['multipv', numeric('multiPv', 1, mostMoves)],
  ['seed', numeric('seed', 0, 2147483647)],
  [
    'uci_opponent',
    // "GM 2800 human Gary Kasparov": title, Elo or none, computer or human, name
    value => {
      const elo = /^\S+\s+(\d+)\b/.exec(value)?.[1]
      if (elo === undefined) return { change: {} }
      return { change: { opponentElo: within(elo, lowestElo, highestElo).number } }
    },
  ],
])

export interface OptionsRead {
  readonly options: UciOptions
  /** why they stay as they are, or what was taken instead */
  readonly problem?: string
}

/** Options after `setoption name … value …`. */
export function withOption(options: UciOptions, line: string): OptionsRead {
  const match = /^setoption\s+name\s+(.+?)(?:\s+value(?:\s+(.*))?)?$/i.exec(line.trim())
  if (match === null) return { options, problem: `cannot read: ${line}` }
  const [, name = '', value = ''] = match
  const reading = readings.get(name.toLowerCase())
  if (reading === undefined) return { options, problem: `no such option: ${name}` }
  const read = reading(value.trim())
  if (read === undefined) return { options, problem: `not a value of ${name}: ${value}` }
  const changed = { options: { ...options, ...read.change } }
  return read.note === undefined
    ? changed
    : { ...changed, problem: `${name} ${value} ${read.note}` }
}
