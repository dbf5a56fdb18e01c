// Short messages in the corner, one of them perhaps with an undo.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { asFault } from '../../src-worker/contract/fault'

export interface Toast {
  readonly id: number
  readonly tone: 'plain' | 'good' | 'bad'
  readonly text: string
  readonly fix?: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

// long enough to read and to reach the button with the keyboard; faults stay until they are closed
const secondsShown = 8

export const useToasts = defineStore('toasts', () => {
  const toasts = ref<readonly Toast[]>([])
  let next = 1

  const close = (id: number) => {
    toasts.value = toasts.value.filter(t => t.id !== id)
  }

  /** Seconds in which the window draws nothing do not count: however many they are, they are one tick. */
  const closeLater = (id: number) => {
    let left = secondsShown
    const timer = setInterval(() => {
      left -= 1
      if (left > 0) return
      clearInterval(timer)
      close(id)
    }, 1000)
  }

  const show = (toast: Omit<Toast, 'id' | 'tone'> & { readonly tone?: Toast['tone'] }) => {
    const id = next++
    toasts.value = [...toasts.value.slice(-3), { tone: 'plain', ...toast, id }]
    if (toast.tone !== 'bad') closeLater(id)
  }

  const say = (text: string) => show({ text, tone: 'good' })
  const undoable = (text: string, undo: () => void) =>
    show({ text, action: { label: 'Undo', run: undo } })

  /** Any thrown thing, with its fix. */
  const fault = (error: unknown) => {
    const { message, fix, code } = asFault(error)
    if (code !== 'cancelled') show({ text: message, fix, tone: 'bad' })
  }

  /** Await something; a fault becomes a toast and undefined. */
  const attempt = async <T>(work: Promise<T>, done?: string): Promise<T | undefined> => {
    try {
      const value = await work
      if (done) say(done)
      return value
    } catch (error) {
      fault(error)
      return undefined
    }
  }

  return { toasts, show, say, undoable, fault, attempt, close }
})
