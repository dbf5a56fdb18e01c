// Options of the UCI engine: what a GUI is told of them, and how its words change them.

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

type Change = Partial<UciOptions>
/** The change that a value stands for, or undefined: not understood. */
type Reading = (value: string) => Change | undefined

function whole(value: string, min: number, max: number): number | undefined {
  if (!/^[+-]?\d+$/.test(value)) return undefined
  return Math.min(max, Math.max(min, Number(value)))
}

const numeric =
  (key: 'elo' | 'opponentElo' | 'multiPv' | 'seed', min: number, max: number): Reading =>
  value => {
    const number = whole(value, min, max)
    return number === undefined ? undefined : { [key]: number }
  }

const readings: Readonly<Record<string, Reading>> = {
  uci_limitstrength: value =>
    value === 'true' || value === 'false' ? { limitStrength: value === 'true' } : undefined,
  uci_elo: numeric('elo', lowestElo, highestElo),
  opponentelo: numeric('opponentElo', lowestElo, highestElo),
  temperature: value => {
    const temperature = Number(value)
    if (value === '' || !Number.isFinite(temperature) || temperature < 0) return undefined
    return { temperature: Math.min(temperature, 100) }
  },
  multipv: numeric('multiPv', 1, mostMoves),
  seed: numeric('seed', 0, 2147483647),
  // "GM 2800 human Gary Kasparov": title, Elo or none, computer or human, name
  uci_opponent: value => {
    const elo = whole(value.split(/\s+/)[1] ?? '', lowestElo, highestElo)
    return elo === undefined ? {} : { opponentElo: elo }
  },
}

/** Options after `setoption name … value …`, or why they stay as they are. */
export function withOption(options: UciOptions, line: string): UciOptions | string {
  const match = /^setoption\s+name\s+(.+?)(?:\s+value(?:\s+(.*))?)?$/i.exec(line.trim())
  if (match === null) return `cannot read: ${line}`
  const [, name = '', value = ''] = match
  const reading = readings[name.toLowerCase()]
  if (reading === undefined) return `no such option: ${name}`
  const change = reading(value.trim())
  return change === undefined ? `not a value of ${name}: ${value}` : { ...options, ...change }
}
