// What can be done to a run, as menu entries; the table of runs and the page of a run offer the same.
import { useRouter } from 'vue-router'
import type { RunSummary } from '../../../src-worker/contract/run'
import type { RunSpec } from '../../../src-worker/contract/run-spec'
import { useChooser } from '../../stores/chooser'
import { useRuns } from '../../stores/runs'
import { useSweepDraft } from '../../stores/sweep-draft'
import { useToasts } from '../../stores/toasts'
import { plural } from '../../text/format'
import { canContinue, canPause, canResume, canStop } from '../../text/run-text'
import { call } from '../../workbench'
import type { MenuEntry } from '../ui/menu-entry'

export interface RunDialogs {
  edit(run: RunSummary): void
  carryOn(run: RunSummary): void
  fork(run: RunSummary): void
}

/** Opens the form of a new experiment with a run's spec in it. */
export function useNewFrom(): (spec: RunSpec) => Promise<unknown> {
  const draft = useSweepDraft()
  const router = useRouter()
  return spec => {
    draft.takeSpec(spec)
    return router.push('/new')
  }
}

export function useRunActions(dialogs: RunDialogs) {
  const runs = useRuns()
  const toasts = useToasts()
  const newFrom = useNewFrom()
  const chooser = useChooser()

  const copy = async (text: Promise<string> | string, what: string) => {
    const found = await toasts.attempt(Promise.resolve(text))
    if (found !== undefined)
      await toasts.attempt(call('copyText', { text: found }), `${what} copied.`)
  }

  const importEvaluation = async ({ id }: RunSummary) => {
    const [path] = await chooser.files('A log of Inspect (.eval or .json)', 'any', false)
    if (path === undefined) return
    const done = await toasts.attempt(call('importEvaluation', { id, path }))
    if (done === undefined) return
    const { metrics, samples, leftOut } = done.evaluation
    const measures = plural(Object.keys(metrics).length, 'measure')
    toasts.say(`${measures} of ${plural(samples, 'sample')} imported, ${leftOut} left out.`)
  }

  const entriesOf = (run: RunSummary): readonly MenuEntry[] => [
    {
      label: 'Pause',
      icon: 'pause',
      disabled: !canPause(run),
      run: () => void runs.pause([run.id]),
    },
    {
      label: 'Resume',
      icon: 'play',
      disabled: !canResume(run),
      run: () => void runs.resume([run.id]),
    },
    { label: 'Stop', icon: 'stop', disabled: !canStop(run), run: () => void runs.stop([run.id]) },
    {
      label: 'Continue…',
      icon: 'play',
      disabled: !canContinue(run),
      run: () => dialogs.carryOn(run),
    },
    { label: 'Fork…', icon: 'fork', disabled: run.step === 0, run: () => dialogs.fork(run) },
    { label: 'New experiment from this', icon: 'new', run: () => void newFrom(run.spec) },
    {
      label: 'Import an evaluation…',
      icon: 'table',
      disabled: run.readOnly,
      run: () => void importEvaluation(run),
    },
    'line',
    { label: 'Name, note, colour…', icon: 'edit', run: () => dialogs.edit(run) },
    {
      label: 'Open folder',
      icon: 'folder',
      run: () => void toasts.attempt(call('showInFolder', { path: run.folder })),
    },
    {
      label: 'Copy command',
      icon: 'copy',
      run: () => void copy(call('runCommand', { id: run.id }), 'Command'),
    },
    { label: 'Copy path', icon: 'copy', run: () => void copy(run.folder, 'Path') },
    'line',
    {
      label: 'Move to trash',
      icon: 'trash',
      danger: true,
      run: () => void runs.trash([run.id]),
    },
  ]
  return { entriesOf }
}
