// The run that an answer asks for next.
import type { Suggestion } from '../../src-worker/contract/analysis'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { laidOver } from '../../src-worker/shared/plain-object'
import { call } from '../workbench'
import { useRuns } from './runs'
import { useToasts } from './toasts'

/** Make the run that an answer asks for. */
export function useSuggestion() {
  const runs = useRuns()
  const toasts = useToasts()
  return async (suggestion: Suggestion): Promise<void> => {
    if (suggestion.resume) {
      const training = suggestion.change.training as { steps?: number } | undefined
      const asked = call('resumeRun', { id: suggestion.run, steps: training?.steps ?? 0 })
      await toasts.attempt(asked, `${suggestion.text}: queued.`)
      return
    }
    const spec = runs.get(suggestion.run)?.spec
    const base = laidOver(spec ?? {}, suggestion.change) as RunSpecInput
    const asked = call('startSweep', { sweep: { base }, frozen: '' })
    await toasts.attempt(asked, `${suggestion.text}: queued.`)
  }
}
