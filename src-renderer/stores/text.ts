// The text room: one question, answered by up to three sides with the same seed, streamed token by
// token.
// A history is kept with each snapshot, so that what it once said can be read and asked again.
import { defineStore } from 'pinia'
import { computed, reactive, shallowRef, toRefs, watch } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { SnapshotEntry } from '../../src-worker/contract/library'
import type { SampledToken, SampleEvent, SampleResult } from '../../src-worker/contract/playground'
import { learnedDay } from '../../src-worker/contract/snapshot'
import { nameText } from '../../src-worker/shared/distinct-names'
import { call, on } from '../workbench'
import { keep, kept } from './kept'
import { usePlayground } from './playground'
import { requestName } from './playground-ask'
import { useRuns } from './runs'
import { snapshotNames, snapshotTitle } from './snapshots-list'
import { type HistoryEntry, readHistory, writeHistory } from './text-history'
import {
  draftSchema,
  placementOf,
  type Question,
  type Side,
  type SideName,
  sampleRequest,
} from './text-request'
import { grown, paced } from './text-stream'

/** What one side has said so far. */
export interface Answer {
  readonly side: Side
  readonly request: string
  readonly busy: boolean
  readonly fault: Fault | null
  /** tokens of each sample */
  readonly samples: readonly (readonly SampledToken[])[]
  readonly result: SampleResult | null
}

export const useText = defineStore('text', () => {
  const playground = usePlayground()
  const runs = useRuns()
  const draft = reactive(kept('text-draft', draftSchema))
  keep('text-draft', draft)
  const { prompt, placement, conditions, settings, chat, withBare, second, placedFor } =
    toRefs(draft)
  // a prompt of another run begins where it was trained to stand; steps in time of one run leave what was chosen
  watch(
    () => playground.entry('text'),
    entry => {
      if (entry === null || placedFor.value === (entry.run || entry.path)) return
      placedFor.value = entry.run || entry.path
      placement.value = placementOf(entry)
    },
    { immediate: true },
  )
  // shallow: thousands of tokens with their alternatives; replaced as a whole at each event
  const answers = shallowRef<readonly Answer[]>([])
  /** texts of the answers before the last, to mark what is new after a step in time */
  const before = shallowRef<ReadonlyMap<string, string>>(new Map())
  const history = shallowRef<readonly HistoryEntry[]>([])

  const busy = computed(() => answers.value.some(a => a.busy))
  const question = (): Question => ({
    prompt: prompt.value,
    placement: placement.value,
    conditions: conditions.value,
    settings: settings.value,
    chat: chat.value,
  })

  const sides = computed<readonly Side[]>(() => {
    const entry = playground.entry('text')
    const list: Side[] = []
    const both = [entry, playground.at(second.value)].filter(one => one !== null)
    const names = snapshotNames(both, s => runs.get(s.run)?.spec.seed)
    const nameOf = (s: SnapshotEntry) => {
      const name = names.get(s.path)
      return name ? nameText(name) : snapshotTitle(s)
    }
    if (entry)
      list.push({
        name: 'prompted',
        label: nameOf(entry),
        promptedModel: playground.promptedModel('text'),
        entry,
      })
    const other = playground.at(second.value)
    if (other)
      list.push({
        name: 'second',
        label: nameOf(other),
        promptedModel: { model: other.modelPath ?? '', snapshot: other.path, startToken: false },
        entry: other,
      })
    const bare = { model: playground.bareModel('text'), snapshot: '', startToken: false }
    if (withBare.value || entry === null)
      list.push({ name: 'bare', label: 'without a soft prompt', promptedModel: bare, entry: null })
    return list
  })

  const change = (request: string, next: (answer: Answer) => Answer) => {
    answers.value = answers.value.map(a => (a.request === request ? next(a) : a))
  }

  /**
   * Fresh tokens; those of a request that is no longer shown find no answer to go to. The last of
   * them may come after the result, which holds all tokens already.
   */
  const accept = paced<SampleEvent>(events => {
    answers.value = answers.value.map(answer => {
      const mine = events.filter(event => event.request === answer.request)
      if (!answer.busy || mine.length === 0) return answer
      return { ...answer, samples: grown(answer.samples, mine) }
    })
  })

  const askSide = async (side: Side, asked: Question, date: string) => {
    const request = requestName('sample')
    const samples = Array.from({ length: asked.settings.samples }, () => [])
    answers.value = [
      ...answers.value,
      { side, request, busy: true, fault: null, samples, result: null },
    ]
    try {
      const result = await call('sample', sampleRequest(request, side, asked, date))
      change(request, a => ({
        ...a,
        busy: false,
        result,
        samples: result.samples.map(s => s.tokens),
      }))
      return result
    } catch (error) {
      change(request, a => ({ ...a, busy: false, fault: asFault(error) }))
      return undefined
    }
  }

  /** All sides at once; the engine takes them in turn. Older ones are stopped and forgotten. */
  const ask = async () => {
    stop()
    before.value = new Map(answers.value.map(a => [a.side.name, textOf(a)]))
    const asked = question()
    const wanted = sides.value
    // another snapshot may be chosen before this one has answered
    const key = historyKey()
    answers.value = []
    const [day = ''] = wanted.flatMap(({ entry }) => (entry ? [learnedDay(entry.metadata)] : []))
    const results = await Promise.all(wanted.map(side => askSide(side, asked, day)))
    const named = wanted.map((side, i) => ({ name: side.name, result: results[i] }))
    remember(key, asked, named)
  }

  const stop = () => {
    for (const { busy: running, request } of answers.value)
      if (running) void call('cancel', { request }).catch(() => undefined)
  }

  const historyKey = () => playground.chosen('text') || playground.bareModel('text')
  const remember = (
    key: string,
    asked: Question,
    named: readonly { readonly name: SideName; readonly result: SampleResult | undefined }[],
  ) => {
    const texts = named.flatMap(({ name, result }) =>
      result ? [{ side: name, texts: result.samples.map(s => s.text) }] : [],
    )
    if (texts.length === 0) return
    const list = writeHistory(key, { at: new Date().toISOString(), asked, texts })
    if (key === historyKey()) history.value = list
  }
  const loadHistory = () => {
    history.value = readHistory(historyKey())
  }
  const restore = ({ asked }: HistoryEntry) => {
    prompt.value = asked.prompt
    placement.value = asked.placement
    conditions.value = asked.conditions
    settings.value = asked.settings
    chat.value = asked.chat
  }

  on('sampleTokens', accept)

  return {
    ...{ prompt, placement, conditions, settings, chat, withBare, second, answers, before },
    ...{ history, busy, sides, ask, stop, loadHistory, restore, question },
  }
})

/** The first sample of an answer, as text. */
export const textOf = (answer: Answer): string =>
  answer.result?.samples[0]?.text ?? (answer.samples[0] ?? []).map(t => t.text).join('')
