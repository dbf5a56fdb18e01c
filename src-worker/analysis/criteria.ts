// When a behaviour counts as elicited: a measure of held-out units that is better higher, with its default target.

export type Criterion =
  /** a share of held-out units; `chance`: what guessing reaches */
  | {
      readonly kind: 'share'
      readonly measure: string
      readonly target: number
      readonly chance: number
    }
  /** as a share of what a reference reaches: a run that a person names */
  | { readonly kind: 'share-of-reference'; readonly measure: string; readonly target: number }
  /** the share closed of the gap to the base model's own loss on the same data */
  | { readonly kind: 'gap-closed'; readonly target: number }
  /** no yes or no: bits a token gained over the better baseline */
  | { readonly kind: 'gain' }

const gain: Criterion = { kind: 'gain' }
const byKind: Readonly<Record<string, Criterion>> = {
  custom: { kind: 'share', measure: 'Exact match', target: 0.5, chance: 0 },
  repetition: { kind: 'share', measure: 'Repeats the text', target: 0.9, chance: 0 },
  'chat-detuning': { kind: 'gap-closed', target: 0.9 },
  chess: { kind: 'share-of-reference', measure: 'Top-1 match from ply 10', target: 0.8 },
  pathfinding: { kind: 'share', measure: 'Solved or rightly refused', target: 0.5, chance: 0 },
  autoregressive: gain,
  'skip-tokens': gain,
  'favor-future': gain,
}

export const criterionOf = (experiment: string): Criterion => byKind[experiment] ?? gain
