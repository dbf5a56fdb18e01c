// A sweep is a grid of specs. Cells with equal specs are the same measurement, so a second start runs only what is missing.
import type { RunSpec, RunSpecInput, SweepSpec } from '../contract/run-spec'
import { checkSpec } from '../contract/spec-check'
import { laidOver } from '../shared/plain-object'
import { resolveSpec } from './resolve'

/** The name of a sweep that was given none: it must differ from yesterday's. */
export const sweepName = (name: string): string =>
  name === '' ? `sweep ${new Date().toISOString().slice(0, 19).replace('T', ' ')}` : name

/** The prompts of one length: 0 tokens stands for the two baselines without a soft prompt. */
function promptsOf(sweep: SweepSpec, tokens: number | undefined): readonly RunSpecInput[] {
  if (tokens === undefined) return [{}]
  if (tokens === 0)
    return (['none', 'start-token'] as const).map(type => ({
      prompt: { type },
      training: { steps: 0 },
    }))
  const trained: RunSpecInput = { prompt: { tokens } }
  const untrained: RunSpecInput = { prompt: { tokens }, training: { steps: 0 } }
  return sweep.untrained ? [trained, untrained] : [trained]
}

const axis = <T>(values: readonly T[]): readonly (T | undefined)[] =>
  values.length === 0 ? [undefined] : values

/** The baselines do not depend on the seed: one of each is enough. */
const isBare = ({ prompt }: RunSpec): boolean =>
  prompt.type === 'none' || prompt.type === 'start-token'

/**
 * Every cell as a full spec: model by model, dataset, tokens, seed.
 * Faults: those of checkSpec, of the base; those of resolveSpec, for the first cell that has one.
 */
export function cellsOf(sweep: SweepSpec): readonly RunSpec[] {
  checkSpec(sweep.base)
  const cells: RunSpec[] = []
  for (const model of axis(sweep.models))
    for (const dataset of axis(sweep.datasets))
      for (const tokens of axis(sweep.tokens))
        for (const over of promptsOf(sweep, tokens))
          for (const seed of axis(sweep.seeds)) {
            const data = dataset === undefined ? undefined : { path: dataset }
            const base = withoutPromptOf(sweep.base, over)
            const spec = resolveSpec(
              laidOver(laidOver(base, over), { model, data, seed }) as RunSpecInput,
            )
            const twin = isBare(spec) && cells.some(c => isBare(c) && sameButSeed(c, spec))
            if (!twin) cells.push(spec)
          }
  return cells
}

/** A baseline cell must not inherit the length of the base's prompt. */
function withoutPromptOf(base: RunSpecInput, over: RunSpecInput): RunSpecInput {
  const type = over.prompt !== undefined && 'type' in over.prompt ? over.prompt.type : undefined
  if (type === undefined) return base
  const { prompt: _prompt, ...rest } = base
  return rest
}

const sameButSeed = (a: RunSpec, b: RunSpec): boolean =>
  JSON.stringify({ ...a, seed: 0 }) === JSON.stringify({ ...b, seed: 0 })
