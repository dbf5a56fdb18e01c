// Answers that are being found: what was asked, how each stands, and starting and stopping them.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { type AnswerRequest, type AnswerState, makingOf } from '../../src-worker/contract/answer'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import { call, on } from '../workbench'
import { useToasts } from './toasts'

interface Making {
  readonly doing: string
  /** null: unknown */
  readonly fraction: number | null
}

export const useAnswers = defineStore('answers', () => {
  const toasts = useToasts()
  /** the newest first */
  const all = shallowRef<readonly AnswerState[]>([])
  const loaded = ref(false)
  const fault = shallowRef<Fault | null>(null)
  /** ids that were asked to start or to stop */
  const changing = ref<ReadonlySet<string>>(new Set())

  /** data of a control that are being made, by answer */
  const making = shallowRef<ReadonlyMap<string, Making>>(new Map())
  on('progress', ({ request, doing, fraction }) => {
    const own = running.value.find(({ id }) => makingOf(id) === request)
    if (own) making.value = new Map([...making.value, [own.id, { doing, fraction }]])
  })

  const looks = new Map<string, 'once' | 'again'>()

  const get = (id: string): AnswerState | undefined => all.value.find(state => state.id === id)
  const running = computed(() => all.value.filter(state => state.kind === 'running'))

  const accept = (state: AnswerState) => {
    const isKnown = get(state.id) !== undefined
    all.value = isKnown
      ? all.value.map(other => (other.id === state.id ? state : other))
      : [state, ...all.value]
    making.value = new Map([...making.value].filter(([id]) => id !== state.id))
    settled(state.id)
  }
  const settled = (id: string) => {
    changing.value = new Set([...changing.value].filter(other => other !== id))
  }
  const load = async () => {
    try {
      all.value = await call('answers', {})
      fault.value = null
    } catch (error) {
      fault.value = asFault(error)
    }
    loaded.value = true
  }

  /** What the runs of one say that this engine does not find itself. */
  const look = async (id: string): Promise<void> => {
    const state = get(id)
    if (!state || state.kind === 'running') return
    // its runs have changed while they were looked at
    if (looks.has(id)) return void looks.set(id, 'again')
    looks.set(id, 'once')
    const step = await toasts.attempt(call('nextOfAnswer', state.request))
    // started meanwhile: what it says itself is newer
    if (step && get(id) === state)
      accept({ ...state, step, kind: step.next.kind === 'ended' ? 'ended' : state.kind })
    const isOver = looks.get(id) === 'once'
    looks.delete(id)
    if (!isOver) await look(id)
  }

  /** Starts it, or goes on from its runs. Throws what keeps it from starting. */
  const begin = async (request: AnswerRequest): Promise<string> => {
    const state = await call('startAnswer', request)
    accept(state)
    return state.id
  }
  const goOn = async (id: string) => {
    const state = get(id)
    if (!state) return
    changing.value = new Set([...changing.value, id])
    await toasts.attempt(begin(state.request))
    settled(id)
  }
  /** It ends after the run call in flight: until then it is being stopped. */
  const stop = async (id: string) => {
    changing.value = new Set([...changing.value, id])
    const asked = await toasts.attempt(call('stopAnswer', { id }).then(() => true))
    if (!asked) settled(id)
  }

  return {
    all,
    loaded,
    fault,
    changing,
    making,
    running,
    get,
    accept,
    load,
    look,
    begin,
    goOn,
    stop,
  }
})
