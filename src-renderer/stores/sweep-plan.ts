// What the draft comes to: the defaults filled in, what is wrong, and the plan. Asked again shortly after each change.
import { computed, nextTick, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { Plan } from '../../src-worker/contract/plan'
import type { RunSpec } from '../../src-worker/contract/run-spec'
import { call, on } from '../workbench'
import { useSweepDraft } from './sweep-draft'

const patience = 350
const request = 'plan'

export function useSweepPlan() {
  const draft = useSweepDraft()
  const resolved = shallowRef<RunSpec | null>(null)
  const plan = shallowRef<Plan | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const planning = ref(false)
  /** the plan is of a draft that has changed since */
  const stale = ref(true)
  /** what the engine says it is at, of a plan that takes long */
  const doing = ref('')
  let turn = 0

  const ask = async (measure: boolean) => {
    const own = ++turn
    planning.value = true
    doing.value = ''
    try {
      const spec = await call('resolveSpec', draft.first)
      if (own !== turn) return
      resolved.value = spec
      const found = await call('planSweep', { request, sweep: draft.sweep, measure })
      if (own !== turn) return
      plan.value = found
      fault.value = null
      stale.value = false
    } catch (error) {
      if (own !== turn) return
      plan.value = null
      fault.value = asFault(error)
    } finally {
      if (own === turn) planning.value = false
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => draft.sweep,
    () => {
      planning.value = true
      stale.value = true
      clearTimeout(timer)
      timer = setTimeout(() => void ask(false), patience)
    },
    { immediate: true, deep: true },
  )
  const unhear = on('progress', progress => {
    if (progress.request === request) doing.value = progress.doing
  })
  onScopeDispose(() => {
    unhear()
    clearTimeout(timer)
    turn += 1
    // a measurement that is not needed any more
    if (planning.value) void call('cancel', { request }).catch(() => undefined)
  })

  const startable = computed(
    () => !stale.value && (plan.value?.cells.some(c => c.fault === null) ?? false),
  )
  /** Answers once nothing is being worked out. */
  const settled = async () => {
    await nextTick()
    if (planning.value)
      await new Promise<void>(done => watch(planning, () => done(), { once: true }))
  }

  return { resolved, plan, fault, planning, startable, doing, measure: () => ask(true), settled }
}
