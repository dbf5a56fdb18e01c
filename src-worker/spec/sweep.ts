// A sweep is a grid of specs. Cells with equal specs are the same measurement, so a second start runs only what is missing.
import type { RunSpec, RunSpecInput, SweepSpec } from '../contract/run-spec'
import { checkSpec } from '../contract/spec-check'
import { laidOver, withField } from '../shared/plain-object'
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

/** The baselines depend neither on the seed nor on how a prompt is trained: one of each is enough. */
const isBare = ({ prompt }: RunSpec): boolean =>
  prompt.type === 'none' || prompt.type === 'start-token'

/** The base with each combination of the further axes. */
function basesOf({ base, over = {} }: SweepSpec): readonly RunSpecInput[] {
  return Object.entries(over).reduce<readonly RunSpecInput[]>(
    (bases, [path, values]) =>
      bases.flatMap(one =>
        values.map(value => {
          const field = withField({}, path, value)
          return laidOver(one, field) as RunSpecInput
        }),
      ),
    [base],
  )
}

/**
 * Every cell as a full spec: further axes, model by model, dataset, tokens, seed.
 * Faults: those of checkSpec, of the base; those of resolveSpec, for the first cell that has one.
 */
export function cellsOf(sweep: SweepSpec): readonly RunSpec[] {
  checkSpec(sweep.base)
  const cells: RunSpec[] = []
  for (const base of basesOf(sweep))
    for (const spec of cellsOfBase(sweep, base)) {
      const twin = isBare(spec) && cells.some(c => isBare(c) && sameBaseline(c, spec))
      if (!twin) cells.push(spec)
    }
  return cells
}

function* cellsOfBase(sweep: SweepSpec, whole: RunSpecInput): Generator<RunSpec> {
  for (const model of axis(sweep.models))
    for (const dataset of axis(sweep.datasets))
      for (const tokens of axis(sweep.tokens))
        for (const over of promptsOf(sweep, tokens))
          for (const seed of axis(sweep.seeds)) {
            const data = dataset === undefined ? undefined : { path: dataset }
            const base = withoutPromptOf(whole, over)
            yield resolveSpec(laidOver(laidOver(base, over), { model, data, seed }) as RunSpecInput)
          }
}

/** A baseline cell must not inherit the length of the base's prompt. */
function withoutPromptOf(base: RunSpecInput, over: RunSpecInput): RunSpecInput {
  const type = over.prompt !== undefined && 'type' in over.prompt ? over.prompt.type : undefined
  if (type === undefined) return base
  const { prompt: _prompt, ...rest } = base
  return rest
}

const sameBaseline = (a: RunSpec, b: RunSpec): boolean => {
  const untrained = { seed: 0, optimizer: undefined }
  return JSON.stringify({ ...a, ...untrained }) === JSON.stringify({ ...b, ...untrained })
}
