// The Analysis screen: which runs, which options, the engine's answer, and what can be done with
// it.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import {
  type Analysis,
  type AnalysisOptions,
  analysisOptionsSchema,
  type LossUnit,
  type Threshold,
} from '../../src-worker/contract/analysis'
import { plural } from '../text/format'
import { call } from '../workbench'
import { curvesOf, type MatrixSorting, matrixTable, valueRange } from './analysis-view'
import { useAsking } from './playground-ask'
import { useRuns } from './runs'
import { useSuggestion } from './suggestion'
import { useToasts } from './toasts'

export const useAnalysis = defineStore('analysis', () => {
  const runs = useRuns()
  const toasts = useToasts()
  /** run ids asked for by address; empty: all there are */
  const chosen = ref<readonly string[]>([])
  const options = ref<AnalysisOptions>(analysisOptionsSchema.parse({ published: 'all' }))
  const behaviour = ref('')
  /** curve that is drawn thicker */
  const strong = ref<string | undefined>(undefined)
  const sorting = ref<MatrixSorting>({ byColumn: '', byRow: '' })
  const asking = useAsking<Analysis>('analysis')

  const analysis = computed(() => asking.answer.value)
  const ids = computed(() =>
    chosen.value.length > 0
      ? [...chosen.value]
      : runs.all.filter(r => r.state.kind !== 'queued').map(r => r.id),
  )
  const current = computed(
    () => analysis.value?.behaviours.find(b => b.id === behaviour.value) ?? null,
  )
  const curves = computed(() =>
    analysis.value && current.value ? curvesOf(analysis.value, current.value.id) : [],
  )
  const range = computed(() => valueRange(curves.value))
  const table = computed(() => (analysis.value ? matrixTable(analysis.value, sorting.value) : null))

  const read = async () => {
    // an empty list means all, and saves the engine looking each of them up
    const chosenOnes = options.value.references
    const references = chosenOnes.length > 0 ? chosenOnes : runs.written(ids.value)
    const args = { runs: [...chosen.value], options: { ...options.value, references }, ahead: true }
    const before = analysis.value?.options.axis
    const answer = await asking.ask(() => call('analyse', args))
    if (!answer) return
    const isGone = !answer.behaviours.some(b => b.id === behaviour.value)
    if (isGone || (before !== answer.options.axis && !hasCurve(answer))) settle(answer)
  }
  let changed = false
  /** At once, or as soon as what is being asked is answered: a slider moves many times meanwhile, its newest place counts. */
  const load = async () => {
    changed = true
    if (asking.busy.value) return
    while (changed) {
      changed = false
      await read()
    }
  }
  const hasCurve = (answer: Analysis) =>
    curvesOf(answer, behaviour.value).some(({ points }) => points.length > 0)
  /**
   * First look: the behaviour with most curves of one's own, then the one where prompts do most.
   */
  const settle = (answer: Analysis) => {
    const worth = (id: string) => {
      const all = curvesOf(answer, id)
      const own = all.filter(c => c.source !== 'published' && c.points.length > 0).length
      const [low, high] = valueRange(all)
      return own * 1000 + all.length * Math.min(1, (high - low) / Math.max(1e-9, Math.abs(high)))
    }
    const best = [...answer.behaviours].sort((a, b) => worth(b.id) - worth(a.id))[0]
    behaviour.value = best?.id ?? ''
  }

  const set = (change: Partial<AnalysisOptions>) => {
    options.value = { ...options.value, ...change }
  }
  /** at which the chosen behaviour is read */
  const threshold = computed(
    () => options.value.thresholds[behaviour.value] ?? options.value.threshold,
  )
  const hasOwnThreshold = computed(() => behaviour.value in options.value.thresholds)
  const setOwn = (own: Threshold | null) => {
    const { [behaviour.value]: _, ...others } = options.value.thresholds
    set({ thresholds: own === null ? others : { ...others, [behaviour.value]: own } })
  }
  /** A behaviour begins its own threshold where all have theirs, and goes back to it. */
  const setHasOwn = (has: boolean) => setOwn(has ? threshold.value : null)
  const setThreshold = (next: Threshold) =>
    hasOwnThreshold.value ? setOwn(next) : set({ threshold: next })
  /** An absolute threshold keeps its number only in the unit it was said in. */
  const setUnit = (unit: LossUnit) => set({ unit })

  /** Show one cell's curve. */
  const show = (id: string, curve: string) => {
    behaviour.value = id
    strong.value = curve
  }
  const sortBy = (change: Partial<MatrixSorting>) => {
    sorting.value = { byColumn: '', byRow: '', ...change }
  }

  const follow = useSuggestion()

  /** whether runs are being imported: each of them changes the answer, which waits for the last */
  const importing = ref(false)
  const bring = async (paths: readonly string[]) => {
    importing.value = true
    try {
      for (const path of paths) {
        const done = await toasts.attempt(call('importTensorboard', { path }))
        if (!done) continue
        toasts.say(`${plural(done.runs.length, 'run')} imported.`)
        if (done.notes.length > 0) toasts.say(`Not all was read. ${done.notes.join('. ')}.`)
      }
      await runs.load()
      chosen.value = []
    } finally {
      importing.value = false
    }
  }

  /** what the prompts of the answer are counted in */
  const axis = computed(() => analysis.value?.options.axis ?? options.value.axis)

  /** what the engine answered with: thresholds of behaviours that are not shown are not in it */
  const reported = computed(() => analysis.value?.options ?? options.value)

  return {
    ...{
      chosen,
      axis,
      options,
      reported,
      behaviour,
      strong,
      sorting,
      asking,
      analysis,
      ids,
      current,
      curves,
    },
    ...{
      range,
      table,
      load,
      set,
      threshold,
      hasOwnThreshold,
      setHasOwn,
      setThreshold,
      setUnit,
      show,
      sortBy,
      follow,
      importing,
      bring,
    },
  }
})
