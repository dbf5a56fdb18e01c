// The engine's settings, and the theme as it is worn.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watchEffect } from 'vue'
import { type Settings, settingsSchema } from '../../src-worker/contract/library'
import { call } from '../workbench'
import { useToasts } from './toasts'

export const useSettings = defineStore('settings', () => {
  const toasts = useToasts()
  // the theme of last time, so that the window does not flash while the engine starts
  const lastTheme = settingsSchema.shape.theme.safeParse(localStorage.getItem('theme') ?? undefined)
  const settings = shallowRef<Settings>(
    settingsSchema.parse({ theme: lastTheme.success ? lastTheme.data : 'system' }),
  )
  const loaded = ref(false)

  const systemDark = window.matchMedia('(prefers-color-scheme: dark)')
  const prefersDark = ref(systemDark.matches)
  systemDark.addEventListener('change', event => {
    prefersDark.value = event.matches
  })
  const theme = computed<'dark' | 'light'>(() => {
    if (settings.value.theme !== 'system') return settings.value.theme
    return prefersDark.value ? 'dark' : 'light'
  })
  watchEffect(
    () => {
      document.documentElement.dataset.theme = theme.value
    },
    { flush: 'sync' },
  )

  const load = async () => {
    const answer = await toasts.attempt(call('settings', {}))
    if (answer === undefined) return
    settings.value = answer
    localStorage.setItem('theme', answer.theme)
    loaded.value = true
  }

  const save = async (change: Partial<Settings>) => {
    // what was never read must not be written over
    if (!loaded.value) await load()
    if (!loaded.value) return
    const answer = await toasts.attempt(call('saveSettings', { ...settings.value, ...change }))
    if (!answer) return
    settings.value = answer
    localStorage.setItem('theme', answer.theme)
  }

  return { settings, loaded, theme, load, save }
})
