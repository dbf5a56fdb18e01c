// Ties a form field to one setting of the draft, with the resolved default as its placeholder.
import { computed, type InjectionKey, inject, type Ref } from 'vue'
import type { RunSpec } from '../../../src-worker/contract/run-spec'
import { fieldAt } from '../../../src-worker/shared/plain-object'
import { useSweepDraft } from '../../stores/sweep-draft'

/** The draft's first run with every default filled in; null while it cannot be. */
export const resolvedKey: InjectionKey<Ref<RunSpec | null>> = Symbol('resolved')

export function useDraftField(path: string) {
  const draft = useSweepDraft()
  const resolved = inject(resolvedKey)
  const fallback = computed(() => fieldAt(resolved?.value, path))
  const number = computed<number | null>({
    get: () => (draft.get(path) as number | undefined) ?? null,
    set: n => draft.set(path, n ?? undefined),
  })
  const text = computed<string>({
    get: () => (draft.get(path) as string | undefined) ?? '',
    set: s => draft.set(path, s === '' ? undefined : s),
  })
  const flag = computed<boolean>({
    get: () => (draft.get(path) ?? fallback.value ?? false) as boolean,
    set: on => draft.set(path, on),
  })
  /** for a Select whose first option is the default */
  const choice = computed<string>({
    get: () => String(draft.get(path) ?? ''),
    set: s => (path === 'prompt.type' ? draft.chooseType(s) : draft.set(path, s || undefined)),
  })
  const placeholder = computed(() => (fallback.value === undefined ? '' : String(fallback.value)))
  return { number, text, flag, choice, fallback, placeholder }
}
