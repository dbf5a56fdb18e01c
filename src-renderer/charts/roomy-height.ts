// The main chart of a page grows with the window, within bounds.
import { onScopeDispose, ref } from 'vue'

/** Pixels: what is left of the window beside everything else on the page. @param taken by all that */
export function useRoomyHeight(least: number, most: number, taken = 500) {
  const fitting = () => Math.max(least, Math.min(most, window.innerHeight - taken))
  const height = ref(fitting())
  const update = () => {
    height.value = fitting()
  }
  window.addEventListener('resize', update)
  onScopeDispose(() => window.removeEventListener('resize', update))
  return height
}
