// The recipe of each experiment, for data threads: they need nothing else of it.
import type { ExperimentKind } from '../contract/run-spec'
import type { OpenRecipe } from '../stream/recipe'
import { openChess } from './chess/data'
import { openCustomRecipe } from './custom/data'
import { openPathfinding } from './paths/data'
import { openTextRecipe } from './text-data'

const recipes: Readonly<Record<ExperimentKind, OpenRecipe>> = {
  autoregressive: openTextRecipe,
  'skip-tokens': openTextRecipe,
  repetition: openTextRecipe,
  'favor-future': openTextRecipe,
  'chat-detuning': openTextRecipe,
  chess: openChess,
  pathfinding: openPathfinding,
  custom: openCustomRecipe,
}

export const openRecipe: OpenRecipe = context => recipes[context.spec.experiment.kind](context)
