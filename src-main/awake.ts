// The computer does not fall asleep while a run trains.
import { powerSaveBlocker } from 'electron'

/** @returns to be called whenever the answer of `wanted` may have changed */
export function createAwake(wanted: () => boolean): () => void {
  let blocker: number | undefined
  return () => {
    if (wanted() && blocker === undefined) {
      blocker = powerSaveBlocker.start('prevent-app-suspension')
    } else if (!wanted() && blocker !== undefined) {
      powerSaveBlocker.stop(blocker)
      blocker = undefined
    }
  }
}
