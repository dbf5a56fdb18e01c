// Demos: their runs, how far they are, and the answer as it fills.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { z } from 'zod'
import type { Demo, DemoAnswer } from '../../src-worker/contract/demo'
import { isUnderWay, type RunSummary } from '../../src-worker/contract/run'
import { canStop, progressOf } from '../text/run-text'
import { call } from '../workbench'
import { keep, kept } from './kept'
import { useRuns } from './runs'
import { useToasts } from './toasts'

const startedSchema = z.object({
  /** run ids by cell, by demo */
  runs: z.record(z.string(), z.record(z.string(), z.string())).default({}),
})

export const useDemos = defineStore('demos', () => {
  const runs = useRuns()
  const toasts = useToasts()
  const all = shallowRef<readonly Demo[]>([])
  const started = ref(kept('demos', startedSchema))
  keep('demos', started)
  const starting = ref('')
  const answers = shallowRef<ReadonlyMap<string, DemoAnswer>>(new Map())
  /** demos whose answer is being worked out */
  const answering = ref<ReadonlySet<string>>(new Set())

  const get = (name: string): Demo | undefined => all.value.find(demo => demo.name === name)
  const cellsOf = (demo: Demo) => demo.parts.flatMap(part => part.cells)
  /** its runs by cell, as far as they are there */
  const runsOf = (demo: Demo): ReadonlyMap<string, RunSummary> => {
    const ids = started.value.runs[demo.name] ?? {}
    return new Map(
      Object.entries(ids).flatMap(([cell, id]) => {
        const run = runs.get(id)
        return run ? [[cell, run] as const] : []
      }),
    )
  }
  const isRunning = (demo: Demo): boolean =>
    starting.value === demo.name ||
    [...runsOf(demo).values()].some(({ state }) => isUnderWay(state))
  const isDone = (demo: Demo): boolean =>
    cellsOf(demo).every(({ id }) => runsOf(demo).get(id)?.state.kind === 'done')
  /** 0…1 */
  const progress = (demo: Demo): number => {
    const of = runsOf(demo)
    const shares = cellsOf(demo).map(({ id }) => {
      const run = of.get(id)
      if (run === undefined) return 0
      // after its last step a run is tested
      return run.state.kind === 'done' ? 1 : 0.8 * progressOf(run)
    })
    return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
  }

  const load = async () => {
    if (all.value.length > 0) return
    all.value = (await toasts.attempt(call('demos', {}))) ?? []
  }

  /** Puts its runs in the queue; those that are done are not run again. Answers whether they all were. */
  const start = async (demo: Demo): Promise<boolean> => {
    starting.value = demo.name
    const found: Record<string, string> = {}
    for (const { id, spec } of cellsOf(demo)) {
      const sweep = { name: `demo ${demo.name}`, base: spec }
      const asked = await toasts.attempt(call('startSweep', { sweep, frozen: '' }))
      const run = asked?.runs[0]
      // stopped meanwhile
      if (run === undefined || starting.value !== demo.name) break
      found[id] = run
      started.value.runs = { ...started.value.runs, [demo.name]: { ...found } }
    }
    const isWhole = Object.keys(found).length === cellsOf(demo).length
    if (starting.value === demo.name) starting.value = ''
    return isWhole
  }
  /** What waits is stopped first, so that it does not take the place of the one that runs. */
  const cancel = async (demo: Demo): Promise<void> => {
    starting.value = ''
    const stoppable = [...runsOf(demo).values()].filter(canStop).map(({ id }) => id)
    await runs.stop(stoppable.reverse())
  }

  const answer = async (demo: Demo) => {
    const done = [...runsOf(demo)].filter(([, { state }]) => state.kind === 'done')
    if (done.length === 0) return
    answering.value = new Set([...answering.value, demo.name])
    const ids = Object.fromEntries(done.map(([cell, { id }]) => [cell, id]))
    const found = await toasts.attempt(call('demoAnswer', { demo, runs: ids }))
    if (found) answers.value = new Map(answers.value).set(demo.name, found)
    answering.value = new Set([...answering.value].filter(name => name !== demo.name))
  }
  // each run that ends changes the answer
  const ended = computed(() =>
    all.value.map(demo => ({
      demo,
      done: [...runsOf(demo)].filter(([, { state }]) => state.kind === 'done').join(),
    })),
  )
  watch(ended, (now, before) => {
    for (const [i, { demo, done }] of now.entries())
      if (done !== '' && done !== before?.[i]?.done) void answer(demo)
  })

  return {
    ...{ all, get, load, start, cancel, runsOf, isRunning, isDone, progress, starting },
    ...{ answers, answering },
  }
})
