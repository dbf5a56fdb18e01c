// The answer cards of some runs, worked out again when one of them changes its state.
import { computed, onScopeDispose, ref, watch } from 'vue'
import { analysisOptionsSchema } from '../../../src-worker/contract/analysis'
import { answerCards } from '../../../src-worker/contract/answer-card'
import type { ResultRow } from '../../../src-worker/contract/run'
import { tokensOf } from '../../../src-worker/contract/run-spec'
import { useAsking } from '../../stores/playground-ask'
import { useRuns } from '../../stores/runs'
import { call } from '../../workbench'

/** What the card shows of the texts that a run wrote. */
export const sampleOf = ({ prompt, baseline, prompted }: ResultRow) => ({
  ...{ prompt, without: baseline, with: prompted },
})

export function useAnswerCards(ids: () => readonly string[]) {
  const runs = useRuns()
  const asking = useAsking<Awaited<ReturnType<typeof read>>>('answer')

  /** A text of the first run of this length that wrote one. */
  const sampleFor = async (tokens: number | null) => {
    const fitting = ids().filter(id => {
      const run = runs.get(id)
      return run?.state.kind === 'done' && tokensOf(run.spec.prompt) === tokens
    })
    for (const id of tokens === null ? [] : fitting) {
      const [row] = await call('results', { id })
      if (row) return sampleOf(row)
    }
    return null
  }
  const read = async () => {
    const options = analysisOptionsSchema.parse({
      ...{ includePublished: false, draws: 500, references: runs.written(ids()) },
    })
    const cards = answerCards(await call('analyse', { runs: [...ids()], options }))
    return Promise.all(cards.map(async card => ({ card, sample: await sampleFor(card.shown) })))
  }

  let timer = 0
  /** what stands is of runs that have changed since */
  const isDue = ref(false)
  const later = () => {
    clearTimeout(timer)
    isDue.value = true
    timer = window.setTimeout(() => {
      isDue.value = false
      if (ids().length > 0) void asking.ask(read)
    }, 200)
  }
  watch(() => JSON.stringify(ids().map(id => [id, runs.get(id)?.state.kind])), later, {
    immediate: true,
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    asking.stop()
  })
  const busy = computed(() => isDue.value || asking.busy.value)
  return { cards: computed(() => asking.answer.value ?? []), busy, again: later }
}
