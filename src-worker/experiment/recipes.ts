// The recipe of each experiment, for data threads: they need nothing else of it.
import type { ExperimentKind } from '../contract/run-spec'
import { openChess } from './chess-recipe'
import { openCustomRecipe } from './custom-recipe'
import { openPathfinding } from './pathfinding-recipe'
import type { OpenRecipe } from './recipe'
import { openTextRecipe } from './text-recipe'

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
