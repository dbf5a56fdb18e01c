// Models of the hub by words of their names: asked shortly after the last key, the latest words win.
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { HubFound } from '../../src-worker/contract/library'
import { call } from '../workbench'

const patience = 300
const request = 'hub-search'
/** Shorter words find everything. */
const shortest = 2

/** Whether a text has the shape of a whole id, org/name. */
export const isWholeId = (text: string): boolean => /^[\w.-]+\/[\w.-]+$/.test(text)

export function useHubSearch() {
  const text = ref('')
  const found = shallowRef<HubFound | null>(null)
  const fault = shallowRef<Fault | null>(null)
  const searching = ref(false)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const ask = async (words: string, own: number) => {
    try {
      const answer = await call('searchHub', { request, text: words })
      if (own !== turn) return
      found.value = answer
      fault.value = null
    } catch (error) {
      if (own !== turn) return
      found.value = null
      fault.value = asFault(error)
    }
    searching.value = false
  }
  const stop = () => {
    clearTimeout(timer)
    turn += 1
    if (searching.value) void call('cancel', { request }).catch(() => undefined)
    searching.value = false
  }

  watch(text, now => {
    const words = now.trim()
    stop()
    fault.value = null
    if (words.length < shortest) {
      found.value = null
      return
    }
    searching.value = true
    const own = turn
    timer = setTimeout(() => void ask(words, own), patience)
  })
  onScopeDispose(stop)

  return { text, found, fault, searching }
}
