// The fields of a data set, read again when another is chosen.
import { shallowRef, watch } from 'vue'
import { call } from '../../workbench'

/** @param file empty: none */
export function useDataFields(file: () => string) {
  const fields = shallowRef<readonly string[]>([])
  watch(
    file,
    async path => {
      fields.value = []
      if (path === '') return
      try {
        const found = await call('previewDataset', { path, field: '', count: 1 })
        if (path === file()) fields.value = found.fields
      } catch {
        // the panel of the data says why it cannot be read
      }
    },
    { immediate: true },
  )
  return { fields }
}
