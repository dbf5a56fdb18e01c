// Files and folders of the machine that the window works on: by this computer's dialogs, or in a list of the other machine's.
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { FileKind } from '../../src-worker/contract/desktop'
import { asFault, Fault } from '../../src-worker/contract/fault'
import { call, pathsOf } from '../workbench'
import { useMachines } from './machines'
import { useToasts } from './toasts'

export interface Question {
  readonly title: string
  readonly kind: FileKind
  readonly what: 'file' | 'folder'
  /** undefined: the user pressed cancel */
  readonly answer: (path: string | undefined) => void
}

export const useChooser = defineStore('chooser', () => {
  const machines = useMachines()
  const toasts = useToasts()
  /** what the list of the other machine is open for */
  const question = shallowRef<Question | null>(null)

  async function ask(title: string, kind: FileKind, what: Question['what']): Promise<string[]> {
    question.value?.answer(undefined)
    const path = await new Promise<string | undefined>(answer => {
      question.value = { title, kind, what, answer }
    })
    question.value = null
    if (path === undefined) return []
    await call('allowThere', { paths: [path] })
    return [path]
  }
  async function attempt(work: Promise<readonly string[]>): Promise<readonly string[]> {
    return (await toasts.attempt(work)) ?? []
  }

  const files = (title: string, kind: FileKind, multiple: boolean): Promise<readonly string[]> =>
    attempt(
      machines.isElsewhere
        ? ask(title, kind, 'file')
        : call('chooseFiles', { title, kind, multiple }),
    )
  async function folder(title: string): Promise<string | undefined> {
    const local = async () => [(await call('chooseFolder', { title })) ?? ''].filter(Boolean)
    return (await attempt(machines.isElsewhere ? ask(title, 'any', 'folder') : local()))[0]
  }
  /** Files that were dropped on the window are this computer's. */
  function dropped(found: Iterable<File>): readonly string[] {
    const paths = pathsOf(found)
    if (!machines.isElsewhere || paths.length === 0) return paths
    const fault = new Fault(
      'usage',
      `${paths[0]} lies on this computer, and the window works on ${machines.current}.`,
      'Copy it there, then choose it.',
    )
    toasts.fault(asFault(fault))
    return []
  }
  return { question, files, folder, dropped }
})
