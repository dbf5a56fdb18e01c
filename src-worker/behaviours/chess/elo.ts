// The numbers that a chess prompt is made from.
import type { ExperimentSpec } from '../../contract/experiment-spec'
import type { RunSpec } from '../../contract/run-spec'

export type ChessSpec = Extract<ExperimentSpec, { kind: 'chess' }>

/** (Elo − 1000) / 2000: 1000 is 0, 3000 is 1. */
export const normalisedElo = (elo: number): number => (elo - 1000) / 2000

const has = (conditioned: ChessSpec['conditioned']) => ({
  elos: conditioned === 'elos' || conditioned === 'elos-constant',
  constant: conditioned === 'constant' || conditioned === 'elos-constant',
})

/** Only a generated prompt is made from anything. */
const isMadeFrom = ({ type }: RunSpec['prompt']): boolean =>
  type === 'linear' || type === 'mlp' || type === 'resnet' || type === 'shared-resnet'

/** Whether other Elos make another soft prompt; else why not. */
export function whyNoElos({ experiment, prompt }: Pick<RunSpec, 'experiment' | 'prompt'>): string {
  if (prompt.type === 'none' || prompt.type === 'start-token')
    return 'without a soft prompt the model is given no Elos'
  if (!isMadeFrom(prompt)) return `a ${prompt.type} prompt is not made from Elos`
  return has((experiment as ChessSpec).conditioned).elos ? '' : 'its prompt is not made from Elos'
}

/** In the order of their names below. */
export function chessConditions(
  conditioned: ChessSpec['conditioned'],
  whiteElo: number,
  blackElo: number,
): number[] {
  const { elos, constant } = has(conditioned)
  return [
    ...(elos ? [normalisedElo(whiteElo), normalisedElo(blackElo)] : []),
    ...(constant ? [1] : []),
  ]
}

export function chessConditionNames(conditioned: ChessSpec['conditioned']): string[] {
  const { elos, constant } = has(conditioned)
  return [...(elos ? ['white Elo', 'black Elo'] : []), ...(constant ? ['constant'] : [])]
}
