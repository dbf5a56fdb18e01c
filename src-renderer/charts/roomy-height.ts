// The main chart of a page grows with the window, within bounds.
import { onScopeDispose, ref } from 'vue'

/** Pixels: what is left of the window beside everything else on the page, which takes about 500. */
export function useRoomyHeight(least: number, most: number) {
  const fitting = () => Math.max(least, Math.min(most, window.innerHeight - 500))
  const height = ref(fitting())
  const update = () => {
    height.value = fitting()
  }
  window.addEventListener('resize', update)
  onScopeDispose(() => window.removeEventListener('resize', update))
  return height
}
