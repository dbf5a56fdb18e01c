// Which way of training is best: successive halving (Jamieson & Talwalkar 2016) over learning rate × initialisation at a middle
// length. A prompt that failed to train says nothing about the behaviour.
import type { Arm, Next, Question, Trial } from './question'

/** The length that the pilot trains; its winner is the first point of the curve. */
export const pilotTokens = 4
export const pilotSeed = 1

export const sameArm = (a: Arm | undefined, b: Arm | undefined): boolean =>
  a?.rate === b?.rate && a?.init === b?.init

/**
 * Whether two are one and the same, so that a run goes on and none begins a second time. What trains nothing has no seed
 * and no way of training: its kind and its tokens tell it apart.
 */
export const sameTrial = (a: Next['trial'], b: Next['trial']): boolean =>
  a.kind === b.kind &&
  a.tokens === b.tokens &&
  sameArm(a.arm, b.arm) &&
  (a.arm === undefined || a.seed === b.seed)

/** Steps of each round, the last is a full run: with 6 arms S/8, S/4, S/2, S. */
function rounds({ steps, arms }: Question): number[] {
  const halvings = Math.ceil(Math.log2(arms.length))
  return Array.from({ length: halvings + 1 }, (_, i) =>
    Math.max(1, Math.round(steps / 2 ** (halvings - i))),
  )
}

/**
 * The winner, or the run that the pilot still needs. Ties go to the arm named first.
 * @param trials of any kind: the pilot's are those of its length and seed
 */
export function pilot(question: Question, trials: readonly Trial[]): Arm | Next {
  const own = trials.filter(
    t => t.kind === 'trained' && t.tokens === pilotTokens && t.seed === pilotSeed,
  )
  const of = (arm: Arm): Trial | undefined => own.find(t => sameArm(t.arm, arm))
  let field = question.arms
  for (const [i, steps] of rounds(question).entries()) {
    const behind = field.find(arm => (of(arm)?.steps ?? 0) < steps)
    if (behind !== undefined)
      return {
        kind: 'run',
        trial: { kind: 'trained', tokens: pilotTokens, arm: behind, seed: pilotSeed },
        steps,
        isMeasured: i === rounds(question).length - 1,
        reason: `pilot, round ${i + 1}: ${field.length} of ${question.arms.length} ways of training are left, ${steps} steps each`,
      }
    // those that went further were better at every round before: their later loss keeps them ahead
    const loss = (arm: Arm): number => of(arm)?.pilotLoss ?? Number.POSITIVE_INFINITY
    const further = (arm: Arm): number => of(arm)?.steps ?? 0
    // and what diverged is behind all others
    const lost = (arm: Arm): number => Number(!Number.isFinite(loss(arm)))
    const ranked = [...field].sort(
      (a, b) => lost(a) - lost(b) || further(b) - further(a) || loss(a) - loss(b),
    )
    field = ranked.slice(0, Math.max(1, Math.ceil(field.length / 2)))
  }
  return field[0] ?? { rate: Number.NaN, init: '' }
}
