// What the breadcrumb says when the address alone does not know it, for instance the name of a run.
import { defineStore } from 'pinia'
import { onScopeDispose, ref, watchEffect } from 'vue'

export const usePage = defineStore('page', () => {
  const title = ref('')
  const underTo = ref('')
  return { title, underTo }
})

/** Name the page for as long as the calling component lives. */
export function usePageTitle(title: () => string, underTo = ''): void {
  const page = usePage()
  watchEffect(() => {
    page.title = title()
    page.underTo = underTo
  })
  onScopeDispose(() => {
    page.title = ''
    page.underTo = ''
  })
}
