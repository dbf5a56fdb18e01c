// The experiment being set up: one sweep, which the form, the JSON and the command line all show.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { z } from 'zod'
import {
  promptSpecSchema,
  type RunSpec,
  type RunSpecInput,
  type SweepSpec,
  sweepSpecInputSchema,
} from '../../src-worker/contract/run-spec'
import { withoutUnknown } from '../../src-worker/contract/spec-fields'
import { fieldAt, type Plain, withField } from '../../src-worker/shared/plain-object'
import { keep, kept } from './kept'
import { useLibrary } from './library'

export type Draft = { -readonly [K in keyof SweepSpec]: SweepSpec[K] }

const fresh = (): Draft => ({
  name: '',
  base: {},
  tokens: [],
  models: [],
  datasets: [],
  seeds: [],
  untrained: false,
})
/** What was being set up; a draft of another version is begun anew. */
function keptDraft(): Draft {
  const { sweep } = kept('sweep-draft', z.object({ sweep: sweepSpecInputSchema.optional() }))
  return { ...fresh(), ...(sweep as Partial<Draft> | undefined) }
}
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export const useSweepDraft = defineStore('sweep-draft', () => {
  const sweep = ref<Draft>(keptDraft())
  keep('sweep-draft', () => ({ sweep: sweep.value }))
  const library = useLibrary()

  const kind = computed(() => sweep.value.base.experiment?.kind)

  const take = (from: Partial<SweepSpec>) => {
    sweep.value = { ...fresh(), ...copy(from) }
  }
  /** One run as it was, to be changed. */
  const takeSpec = (spec: RunSpec) => take({ base: { ...spec, name: '' } })
  const change = (part: Partial<Draft>) => {
    sweep.value = { ...sweep.value, ...part }
  }

  /** A setting of the base by its path, "training.steps"; undefined: the experiment's own. */
  const get = (path: string): unknown => fieldAt(sweep.value.base, path)
  const set = (path: string, value: unknown) => {
    change({ base: withField(sweep.value.base as Plain, path, value) as RunSpecInput })
  }
  /** Another type of prompt keeps what it has a field for; the behaviour's own ('') only the length. */
  const chooseType = (type: string) => {
    const { prompt, ...rest } = sweep.value.base
    const tokens = fieldAt(prompt, 'tokens')
    const length = tokens === undefined ? {} : { tokens }
    const next =
      type === '' ? length : withoutUnknown(promptSpecSchema, { ...length, ...prompt, type })
    const isEmpty = Object.keys(next as Plain).length === 0
    change({ base: (isEmpty ? rest : { ...rest, prompt: next }) as RunSpecInput })
  }

  /** The datasets of the runs, each of which gets runs of its own; '' is the experiment's own. */
  const paths = computed<readonly string[]>(() =>
    sweep.value.datasets.length > 0 ? sweep.value.datasets : [String(get('data.path') ?? '')],
  )
  /** One stands in the base, several are an axis of the sweep, where '' is written out. */
  const choosePaths = (chosen: readonly string[]) => {
    const list = [...new Set(chosen.map(path => (chosen.length > 1 ? path || 'demo' : path)))]
    const only = list.length === 1 ? list[0] || undefined : undefined
    const base = withField(sweep.value.base as Plain, 'data.path', only) as RunSpecInput
    change({ base, datasets: list.length > 1 ? list : [] })
  }

  /** Another behaviour takes other data and prompts; what else was set stays. */
  const choose = (next: string) => {
    if (next === kind.value) return
    const { data: _data, prompt: _prompt, start: _start, ...rest } = sweep.value.base
    change({
      base: { ...rest, experiment: { kind: next } as RunSpecInput['experiment'] },
      datasets: [],
    })
  }

  /** A first draft that can be started as it is: the smallest bundled model. */
  const begin = () => {
    const first = library.behaviours[0]
    if (!kind.value && first) choose(first.kind)
    const chosen = sweep.value.models.length > 0 || sweep.value.base.model
    const model = library.usable.find(m => m.bundled) ?? library.usable[0]
    if (!chosen && model) change({ models: [model.id] })
  }

  /** The first run of the sweep, for defaults and examples. */
  const first = computed<RunSpecInput>(() => {
    const { base, models, datasets, tokens, seeds } = sweep.value
    const length = tokens.find(n => n > 0)
    return {
      ...base,
      ...(models[0] ? { model: models[0] } : {}),
      ...(datasets[0] ? { data: { ...base.data, path: datasets[0] } } : {}),
      ...(length ? { prompt: { ...base.prompt, tokens: length } } : {}),
      ...(seeds[0] === undefined ? {} : { seed: seeds[0] }),
    } as RunSpecInput
  })

  return {
    sweep,
    kind,
    paths,
    first,
    take,
    takeSpec,
    change,
    get,
    set,
    chooseType,
    choosePaths,
    choose,
    begin,
  }
})
