// The machine that the window works on, those that were added, and those that could be.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Machines } from '../../src-worker/contract/machine'
import { call, on } from '../workbench'
import { useToasts } from './toasts'

export const useMachines = defineStore('machines', () => {
  const toasts = useToasts()
  const state = shallowRef<Machines>({ current: '', added: [], offered: [] })
  const current = computed(() => state.value.current)
  const isElsewhere = computed(() => current.value !== '')
  /** host that a bundle is being copied to, and how far it is; null: none */
  const copying = shallowRef<{ readonly host: string; readonly fraction: number } | null>(null)
  const switching = ref(false)

  async function take(answer: Promise<Machines>): Promise<boolean> {
    const next = await toasts.attempt(answer)
    if (next !== undefined) state.value = next
    return next !== undefined
  }
  const load = () => take(call('machines', {}))
  const add = (host: string, program: string) => take(call('addMachine', { host, program }))
  const remove = (host: string) => take(call('removeMachine', { host }))

  /** Everything that is shown belongs to one machine, so the window begins anew. */
  async function use(host: string) {
    if (host === current.value || switching.value) return
    switching.value = true
    const done = await take(call('useMachine', { host }))
    switching.value = false
    if (!done) return
    location.hash = '#/'
    location.reload()
  }

  async function copy(host: string): Promise<boolean> {
    copying.value = { host, fraction: 0 }
    const stop = on('machineCopy', now => {
      if (copying.value?.host === now.host) copying.value = now
    })
    const done = await toasts.attempt(call('copyBundle', { host }), `The engine is on ${host}.`)
    stop()
    copying.value = null
    return done !== undefined
  }
  return { state, current, isElsewhere, copying, switching, load, add, remove, use, copy }
})
