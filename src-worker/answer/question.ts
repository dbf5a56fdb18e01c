// What finding the answer is asked, what it knows, and what it says to do next. Plain data.

export interface Question {
  /** a criterion to reach, as a cost: lower is better; NaN: a reference must be measured first; null: no yes or no, only a gain */
  readonly target: number | null
  /** it ends when the interval's ends are within this factor; > 1 */
  readonly within: number
  /** optimizer steps of a full run */
  readonly steps: number
  /** ways of training that the pilot compares: learning rate × initialisation */
  readonly arms: readonly Arm[]
  /** at most so many at one length */
  readonly seeds: number
  /** a model that is measured for the target */
  readonly reference: string | null
  /** tokens of a text that stands in place of a soft prompt; null: none is given */
  readonly text: number | null
  /** what its data are, "completions shuffled among prompts"; null: this behaviour has no control */
  readonly control: string | null
  /** lengths beyond this are not tried */
  readonly longest: number
  /** optimizer steps in all */
  readonly budget: number
}

export interface Arm {
  readonly rate: number
  readonly init: string
}

/** One run as far as it came. */
export interface Trial {
  readonly kind: 'none' | 'start-token' | 'reference' | 'text' | 'trained' | 'control'
  /** 0 for baselines */
  readonly tokens: number
  /** undefined for baselines */
  readonly arm: Arm | undefined
  readonly seed: number
  /** steps done */
  readonly steps: number
  /** on the validation half: it chooses the way of training, and tests nothing */
  readonly pilotLoss: number
  /** the criterion as a cost; NaN: not measured */
  readonly cost: number
  /** training had not ended: its loss was still falling, or too short to tell */
  readonly isFalling: boolean
  /** its loss left the numbers, or ended well above where it had been */
  readonly isDiverged?: boolean
}

/** More than `low`, at most `high` tokens, with 95 % confidence; null: the noise is unknown. */
export interface Range {
  readonly low: number
  /** Infinity: not reached by the longest */
  readonly high: number
}

/** What the analysis says of the trials so far. */
export interface Evidence {
  readonly trials: readonly Trial[]
  /** 'there': a baseline surely reaches the target; 'open': it may */
  readonly baseline: 'there' | 'open' | 'below' | 'unknown'
  readonly range: Range | null
  /** as range, were the test without noise: no more seeds will tell more than this */
  readonly rangeOfTraining: Range | null
  /** whether the longest surely gains on the length before it; undefined: the noise is unknown, or one length */
  readonly isImproving?: boolean | undefined
}

export interface Next {
  readonly kind: 'run'
  readonly trial: Pick<Trial, 'kind' | 'tokens' | 'arm' | 'seed'>
  /** in all: a run that is there goes on to them */
  readonly steps: number
  /** whether it is tested: rounds of the pilot but the last are judged on validation alone */
  readonly isMeasured: boolean
  /** one sentence */
  readonly reason: string
}

export interface Ended {
  readonly kind: 'ended'
  readonly because: 'narrow' | 'no' | 'there-already' | 'taught' | 'gain' | 'budget' | 'open'
  readonly reason: string
}
export type Decision = Next | Ended
