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
  readonly noise: number
  /** cost of the model without a prompt */
  readonly none: number
  /** what training on shuffled completions reaches; default: nothing */
  readonly control?: number
  /** steps until training has ended, in full runs; default 0.5 */
  readonly slow?: number
}

export const steps = 512
export const arms: readonly Arm[] = [0.001, 0.01, 0.1].flatMap(rate =>
  ['vocabulary', 'zero'].map(init => ({ rate, init })),
)
/** Only one way of training finds the optimum. */
const loss: Readonly<Record<number, number>> = { 0.001: 0.8, 0.01: 0, 0.1: 1.5 }

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
  const bad = (loss[arm?.rate ?? 0.01] ?? 0) + (arm?.init === 'zero' ? 0.3 : 0)
  const left = Math.max(0, 1 - done / ((world.slow ?? 0.5) * steps))
  const trained = kind === 'control' ? (world.control ?? world.none) : world.truth(tokens)
  const cost = tokens === 0 ? world.none : trained + bad + left + world.noise * random.normal()
  return { kind, tokens, arm, seed, steps: done, pilotLoss: cost, cost, isFalling: left > 0 }
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

export const elicitable: readonly World[] = [
  { name: 'power −½', truth: n => 2 + 2 * n ** -0.5, target: 2.7, noise: 0.02, none: 5 },
  { name: 'power −1', truth: n => 1 + 3 / n, target: 1.4, noise: 0.02, none: 5 },
  { name: 'step at 11', truth: n => (n < 11 ? 3 : 1), target: 2, noise: 0.05, none: 3.2 },
  { name: 'logistic', truth: n => 1 + 2 / (1 + (n / 5) ** 2), target: 2.2, noise: 0.03, none: 3.1 },
  { name: 'far', truth: n => 1 + 2 / (1 + (n / 40) ** 2), target: 1.9, noise: 0.03, none: 3.1 },
  { name: 'at once', truth: () => 1, target: 2, noise: 0.05, none: 3 },
]
