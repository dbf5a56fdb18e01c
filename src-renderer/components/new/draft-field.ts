// Ties a form field to one setting of the draft, with the resolved default as its placeholder.
import { computed, type InjectionKey, inject, type Ref, ref, watch } from 'vue'
import type { RunSpec } from '../../../src-worker/contract/run-spec'
import { fieldAt } from '../../../src-worker/shared/plain-object'
import { useSweepDraft } from '../../stores/sweep-draft'
import { type FieldNames, fieldNames, saidOf } from '../../text/field-names'

/** The draft's first run with every default filled in; null while it cannot be. */
export const resolvedKey: InjectionKey<Ref<RunSpec | null>> = Symbol('resolved')

/** What the plan refuses, as the engine says it, and the names of the fields in it. */
export interface Refusals {
  readonly texts: readonly string[]
  readonly names: FieldNames
}
export const refusalsKey: InjectionKey<Ref<Refusals>> = Symbol('refusals')

/** What the form calls a field, where the template does not. */
export const labelOf = (path: string, label: string | undefined): string =>
  label ?? (fieldNames as Readonly<Record<string, string>>)[path] ?? path

/** Where several values of a field stand, each for runs of its own. */
const axisOf: Readonly<Record<string, 'tokens' | 'seeds' | 'datasets' | 'models'>> = {
  'prompt.tokens': 'tokens',
  'data.path': 'datasets',
  seed: 'seeds',
  model: 'models',
}

export function useDraftField(path: string) {
  const draft = useSweepDraft()
  const resolved = inject(resolvedKey)
  const refusals = inject(refusalsKey, undefined)
  const axis = axisOf[path]
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
  /** since the last answer: what it says of the field need not be true any more */
  const isEdited = ref(false)
  watch(
    () => JSON.stringify([draft.get(path), axis === undefined ? null : draft.sweep[axis]]),
    () => {
      isEdited.value = true
    },
  )
  watch(
    () => refusals?.value,
    () => {
      isEdited.value = false
    },
  )
  const error = computed(() => {
    if (!refusals || isEdited.value) return undefined
    const { texts, names } = refusals.value
    return texts.map(said => saidOf(path, said, names)).find(said => said !== undefined)
  })
  return { number, text, flag, choice, fallback, placeholder, error }
}
