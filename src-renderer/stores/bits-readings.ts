// Runs that are being read in bits: their control is trained first where there is none, then both are measured. Started from a
// run's page, it goes on when that is left, and can be cancelled.
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { isUnderWay, type RunSummary } from '../../src-worker/contract/run'
import { controlName, isControlData } from '../../src-worker/shared/control-data'
import { progressOf, stateText } from '../text/run-text'
import { call, on } from '../workbench'
import { useRuns } from './runs'
import { useToasts } from './toasts'

export interface BitsReading {
  /** the control that is trained; empty: it is measured */
  readonly training: string
  readonly doing: string
  /** null: unknown */
  readonly fraction: number | null
}

const requestOf = (run: string): string => `bits ${run}`

export const useBitsReadings = defineStore('bits readings', () => {
  const toasts = useToasts()
  const runs = useRuns()
  const byRun = shallowRef<ReadonlyMap<string, BitsReading>>(new Map())
  const of = (run: string): BitsReading | undefined => byRun.value.get(run)
  const set = (run: string, reading: BitsReading | undefined): void => {
    const others = [...byRun.value].filter(([id]) => id !== run)
    byRun.value = new Map(reading === undefined ? others : [...others, [run, reading]])
  }
  on('progress', ({ request, doing, fraction }) => {
    const run = [...byRun.value.keys()].find(id => requestOf(id) === request)
    if (run !== undefined) set(run, { training: '', doing, fraction })
  })

  /** A control that was made for this run and can still be used. */
  const madeFor = (run: string): RunSummary | undefined => {
    const own = runs.get(run)
    if (own === undefined) return undefined
    return runs.all.find(
      other =>
        isControlData(other.spec.data.path) &&
        other.name === controlName(own.name) &&
        other.spec.training.steps === own.spec.training.steps &&
        (isUnderWay(other.state) || other.state.kind === 'done'),
    )
  }
  /** Shown until it has ended. @returns whether it ended as it should */
  const ended = (run: string, control: string): Promise<boolean> =>
    new Promise(resolve => {
      const unwatch = watch(
        () => runs.get(control),
        now => {
          if (now === undefined) return
          const doing = `control: ${stateText(now).toLowerCase()}`
          set(run, { training: control, doing, fraction: progressOf(now) })
          if (isUnderWay(now.state)) return
          if (now.state.kind === 'failed') toasts.fault(now.state.fault)
          queueMicrotask(() => unwatch())
          resolve(now.state.kind === 'done')
        },
        { immediate: true },
      )
    })
  const control = async (run: string): Promise<string> => {
    const { id } = madeFor(run) ?? {
      id: (await call('startControl', { request: requestOf(run), id: run })).run,
    }
    return (await ended(run, id)) ? id : ''
  }
  const begin = async (run: string, isControlled: boolean): Promise<void> => {
    if (of(run) !== undefined) return
    const doing = isControlled ? 'making the data of the control' : 'opening the model and the data'
    set(run, { training: '', doing, fraction: null })
    try {
      const other = isControlled ? await control(run) : ''
      if (isControlled && other === '') return
      set(run, { training: '', doing: 'measuring', fraction: null })
      await call('bits', { request: requestOf(run), id: run, control: other })
    } catch (error) {
      toasts.fault(error)
    } finally {
      set(run, undefined)
    }
  }
  /** Stops the control's training, which can be resumed from its own page, or the measuring. */
  const cancel = (run: string): void => {
    const { training = '' } = of(run) ?? {}
    const work =
      training === ''
        ? call('cancel', { request: requestOf(run) })
        : call('stopRun', { id: training })
    void toasts.attempt(work as Promise<unknown>)
  }
  return { of, begin, cancel, madeFor }
})
