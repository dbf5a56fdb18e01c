// Synthetic training: a true curve of the criterion, ways of training of which one is good, noise of seeds. Runs cost steps.
import { evidenceOf, type MeasuredTrial } from '../../src-worker/answer/evidence'
import { nextRun } from '../../src-worker/answer/next-run'
import { sameArm } from '../../src-worker/answer/pilot'
import type { Arm, Ended, Next, Question, Trial } from '../../src-worker/answer/question'
import type { HeldOut } from '../../src-worker/contract/analysed-run'
import { rng } from '../../src-worker/stream/rng'

export interface World {
  readonly name: string
  /** true cost of a prompt of n tokens that was trained well */
  readonly truth: (tokens: number) => number
  readonly target: number
  /** standard deviation over seeds, at every length or by length */
  readonly noise: number | ((tokens: number) => number)
  /** cost of the model without a prompt */
  readonly none: number
  /** what training on shuffled completions reaches; default: nothing */
  readonly control?: number
  /** steps until training has ended, in full runs; default 0.5 */
  readonly slow?: number
  /** the learning rate that finds the optimum; default 0.01, in the middle of the grid */
  readonly bestRate?: number
  /** which runs diverge: to no number, or above where they had been, at the cost of no prompt */
  readonly diverges?: (trial: Next['trial']) => 'to nothing' | 'upwards' | undefined
}

export const steps = 512
export const arms: readonly Arm[] = [0.001, 0.01, 0.1].flatMap(rate =>
  ['vocabulary', 'zero'].map(init => ({ rate, init })),
)
/** Only one way of training finds the optimum: nats above it, by decades from the best rate. A third of it is as good. */
function missed(rate: number, best = 0.01): number {
  const decades = Math.log10(rate / best)
  if (decades < 0 && decades > -0.6) return 0
  return decades < 0 ? -0.8 * decades : 1.5 * decades
}

export const questionOf = (world: World, over: Partial<Question> = {}): Question => ({
  ...{
    target: world.target,
    within: 4,
    steps,
    arms,
    seeds: 3,
    control: 'completions shuffled among prompts',
    reference: null,
    text: null,
    longest: 256,
    budget: 1e9,
  },
  ...over,
})

export function carriedOut(world: World, { trial, steps: done }: Next): Trial {
  const { kind, tokens, arm, seed } = trial
  const random = rng(seed, `${world.name} ${kind} ${tokens} ${arm?.rate} ${arm?.init}`)
  const bad = missed(arm?.rate ?? 0.01, arm && world.bestRate) + (arm?.init === 'zero' ? 0.3 : 0)
  const left = Math.max(0, 1 - done / ((world.slow ?? 0.5) * steps))
  const trained = kind === 'control' ? (world.control ?? world.none) : world.truth(tokens)
  const noise = typeof world.noise === 'number' ? world.noise : world.noise(tokens)
  const cost = tokens === 0 ? world.none : trained + bad + left + noise * random.normal()
  const run = { kind, tokens, arm, seed, steps: done, pilotLoss: cost, cost, isFalling: left > 0 }
  const how = world.diverges?.(trial)
  if (how === undefined) return run
  const lost = how === 'upwards' ? world.none : Number.NaN
  const pilotLoss = how === 'upwards' ? lost : Number.POSITIVE_INFINITY
  return { ...run, pilotLoss, cost: lost, isFalling: false, isDiverged: true }
}

export interface Found {
  readonly ended: Ended
  readonly trials: readonly Trial[]
  readonly decisions: readonly Next[]
  readonly range: { readonly low: number; readonly high: number } | null
  /** optimizer steps, without the controls */
  readonly spent: number
  readonly controls: number
}

/** Decides and carries out until the end. `start`: what earlier sessions left; `tested`: held-out units of a cost. */
export function find(
  world: World,
  question: Question,
  start: readonly MeasuredTrial[] = [],
  tested: (cost: number) => HeldOut | undefined = () => undefined,
): Found {
  let trials = start
  const decisions: Next[] = []
  for (let i = 0; i < 200; i++) {
    const evidence = evidenceOf(question, trials)
    const decision = nextRun(question, evidence)
    if (decision.kind === 'ended') {
      const of = (isControl: boolean): number =>
        trials.filter(t => (t.kind === 'control') === isControl).reduce((s, t) => s + t.steps, 0)
      const { range } = evidence
      return { ended: decision, trials, decisions, range, spent: of(false), controls: of(true) }
    }
    decisions.push(decision)
    const trial = carriedOut(world, decision)
    const done = { ...trial, heldOut: tested(trial.cost) }
    const isSame = (t: Trial): boolean =>
      t.kind === done.kind &&
      t.tokens === done.tokens &&
      t.seed === done.seed &&
      sameArm(t.arm, done.arm)
    trials = [...trials.filter(t => !isSame(t)), done]
  }
  throw new Error(`${world.name}: no end in 200 runs`)
}

export const trueTokens = ({ truth, target }: World): number => {
  for (let n = 1; n <= 1024; n++) if (truth(n) <= target) return n
  return Number.POSITIVE_INFINITY
}

const power = { truth: (n: number) => 1 + 3 / n, target: 1.4, noise: 0.02, none: 5 }

/** The best rate lies outside of what the pilot tries first: one and two steps above it, one below. */
export const outside: readonly World[] = [
  { ...power, name: 'rate 1', bestRate: 1 },
  { ...power, name: 'rate 10', bestRate: 10 },
  { ...power, name: 'rate 0.0001', bestRate: 0.0001 },
]

export const elicitable: readonly World[] = [
  { name: 'power −½', truth: n => 2 + 2 * n ** -0.5, target: 2.7, noise: 0.02, none: 5 },
  { name: 'power −1', truth: n => 1 + 3 / n, target: 1.4, noise: 0.02, none: 5 },
  { name: 'step at 11', truth: n => (n < 11 ? 3 : 1), target: 2, noise: 0.05, none: 3.2 },
  { name: 'logistic', truth: n => 1 + 2 / (1 + (n / 5) ** 2), target: 2.2, noise: 0.03, none: 3.1 },
  { name: 'far', truth: n => 1 + 2 / (1 + (n / 40) ** 2), target: 1.9, noise: 0.03, none: 3.1 },
  { name: 'at once', truth: () => 1, target: 2, noise: 0.05, none: 3 },
]
