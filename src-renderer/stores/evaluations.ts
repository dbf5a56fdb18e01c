// Full tests of the checkpoints of runs: started from a run's page, they go on when it is left, and can be cancelled.
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { call, on } from '../workbench'
import { useToasts } from './toasts'

export interface Evaluation {
  readonly doing: string
  /** null: unknown */
  readonly fraction: number | null
}

const requestOf = (run: string): string => `evaluate ${run}`

export const useEvaluations = defineStore('evaluations', () => {
  const toasts = useToasts()
  const byRun = shallowRef<ReadonlyMap<string, Evaluation>>(new Map())
  const set = (run: string, evaluation: Evaluation | undefined): void => {
    const others = [...byRun.value].filter(([id]) => id !== run)
    byRun.value = new Map(evaluation === undefined ? others : [...others, [run, evaluation]])
  }
  on('progress', ({ request, doing, fraction }) => {
    const run = [...byRun.value.keys()].find(id => requestOf(id) === request)
    if (run !== undefined) set(run, { doing, fraction })
  })
  const of = (run: string): Evaluation | undefined => byRun.value.get(run)
  const start = async (run: string): Promise<void> => {
    if (of(run) !== undefined) return
    set(run, { doing: 'opening the model and the data', fraction: null })
    await toasts.attempt(call('evaluateCheckpoints', { request: requestOf(run), id: run }))
    set(run, undefined)
  }
  const cancel = (run: string): void => {
    void toasts.attempt(call('cancel', { request: requestOf(run) }))
  }
  return { of, start, cancel }
})
