// Fields whose text is no answer keep their last good value, which is not what one reads there: until they are corrected,
// what would send it must not be pressed.
import {
  type ComputedRef,
  computed,
  type InjectionKey,
  inject,
  onScopeDispose,
  provide,
  shallowReactive,
  watch,
} from 'vue'

const key: InjectionKey<Set<symbol>> = Symbol('complaints')

/** Whether any field below this component complains. */
export function gatherComplaints(): ComputedRef<boolean> {
  const wrong = shallowReactive(new Set<symbol>())
  provide(key, wrong)
  return computed(() => wrong.size > 0)
}

/** A field reports to what gathers complaints whether it has one. */
export function complain(isWrong: () => boolean): void {
  const all = inject(key, undefined)
  if (!all) return
  const own = Symbol('field')
  watch(isWrong, now => void (now ? all.add(own) : all.delete(own)), { immediate: true })
  onScopeDispose(() => all.delete(own))
}
