// The list of snapshots as data: what a snapshot is called, where it can be used, and the list after search and
// sort.
import type { SnapshotEntry } from '../../src-worker/contract/library'
import { isControlData } from '../../src-worker/shared/control-data'
import { type DistinctName, distinctNames } from '../../src-worker/shared/distinct-names'
import { dataName } from '../../src-worker/shared/names'
import { count, measure, modelName, plural } from '../text/format'
import { quickTestText } from '../text/loss-text'

export const isUsable = (s: SnapshotEntry): boolean => s.modelPath !== null && s.misfit === ''

/** "chess · workbench-demo-base · 64 tokens · step 4,096" */
export const snapshotTitle = (s: SnapshotEntry): string =>
  titleParts(s)
    .filter(part => part !== '')
    .join(' · ')

const titleParts = (s: SnapshotEntry): readonly string[] => [
  s.behaviour || s.title || 'soft prompt',
  modelName(s.metadata.model) || 'unknown model',
  plural(s.metadata.shape.tokens, 'token'),
  s.step > 0 ? `step ${count(s.step)}` : '',
]

/** What each snapshot of a list is called in it, by its path. */
export const snapshotNames = (
  list: readonly SnapshotEntry[],
  seedOf: (s: SnapshotEntry) => number | undefined,
): ReadonlyMap<string, DistinctName> =>
  distinctNames(
    list.map(s => {
      const seed = seedOf(s)
      return {
        ...{ id: s.path, name: '', main: [...titleParts(s)].reverse() },
        more: [
          ...[dataOf(s), seed === undefined ? '' : `seed ${seed}`, kindText(s)],
          s.run === '' ? '' : `run ${s.run.slice(-6)}`,
        ],
        last: s.date.slice(0, 16).replace('T', ' '),
      }
    }),
  )

const kinds: Readonly<Record<SnapshotEntry['kind'], string>> = {
  snapshot: 'final',
  checkpoint: 'checkpoint',
  imported: 'imported',
}
const sources: Readonly<Record<SnapshotEntry['metadata']['source'], string>> = {
  workbench: 'Workbench safetensors',
  'original-pt': 'original .pt',
  peft: 'PEFT adapter',
}
export const kindText = (s: SnapshotEntry): string => kinds[s.kind]
export const sourceText = (s: SnapshotEntry): string => sources[s.metadata.source]
/** It was trained on answers that say nothing, to be compared with. */
export const isControl = ({ metadata }: SnapshotEntry): boolean =>
  isControlData(metadata.dataset ?? '')
/** What it was trained on, by its name. */
export const dataOf = (s: SnapshotEntry): string => {
  const { dataset = '' } = s.metadata
  if (isControl(s)) return 'shuffled'
  return dataset === '' ? '–' : dataName(dataset)
}
export const stepText = (s: SnapshotEntry): string => (s.step > 0 ? count(s.step) : '–')

/** How the rows were initialised: files keep the spec of it as JSON, or words of their own. */
export function initText(init: string | undefined): string {
  if (init === undefined) return '–'
  try {
    const { kind, ...others } = JSON.parse(init) as { kind?: unknown }
    const details = Object.entries(others).map(([name, value]) => `${name} ${value}`)
    return typeof kind === 'string' ? [kind, ...details].join(', ') : init
  } catch {
    return init
  }
}

/** Why it cannot be used, in words with the numbers; empty when it can. */
export function obstacle(s: SnapshotEntry): string {
  if (s.misfit) return s.misfit
  if (s.modelPath !== null) return ''
  return `Its model, ${s.metadata.model || 'not named in the file'} (width ${s.metadata.shape.width}), is not in the library.`
}

type TestKey = 'quickTest' | 'fullTest' | 'finalTest'
export type SortKey = 'date' | 'experiment' | 'data' | 'model' | 'tokens' | 'step' | TestKey
export interface Sorting {
  readonly key: SortKey
  readonly descending: boolean
}

const keyOf: Readonly<Record<SortKey, (s: SnapshotEntry) => string | number>> = {
  date: s => s.date,
  experiment: s => s.behaviour,
  model: s => modelName(s.metadata.model),
  data: s => dataOf(s),
  tokens: s => s.metadata.shape.tokens,
  step: s => s.step,
  // those that were not tested so come last when ascending: no other loss stands in for it
  quickTest: s => s.quickTest ?? Number.POSITIVE_INFINITY,
  fullTest: s => s.fullTest ?? Number.POSITIVE_INFINITY,
  finalTest: s => s.finalTest ?? Number.POSITIVE_INFINITY,
}

export function sorted(list: readonly SnapshotEntry[], sorting: Sorting): readonly SnapshotEntry[] {
  const key = keyOf[sorting.key]
  const sign = sorting.descending ? -1 : 1
  return [...list].sort((a, b) => {
    const [x, y] = [key(a), key(b)]
    if (x === y) return a.path < b.path ? -1 : 1
    return x < y ? -sign : sign
  })
}

/**
 * `step 512` and `64 tokens` mean those numbers; every other word must be somewhere in the entry.
 */
export function matches(s: SnapshotEntry, search: string): boolean {
  const { model, dataset, shape, source } = s.metadata
  let query = search.toLowerCase()
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(query)
    query = query.replace(pattern, ' ')
    return found ? Number(found[1]) : undefined
  }
  const step = number(/\bstep\s+(\d+)/)
  const tokens = number(/\b(\d+)\s+tokens?\b/)
  if (step !== undefined && step !== s.step) return false
  if (tokens !== undefined && tokens !== shape.tokens) return false
  const text = [
    ...[s.title, s.path, s.behaviour, model, dataset, kindText(s), sources[source], shape.type],
    ...[s.run, `${shape.tokens} tokens`, `step ${s.step}`],
  ]
    .join(' ')
    .toLowerCase()
  return query.split(/\s+/).every(word => text.includes(word))
}

export interface Difference {
  readonly name: string
  readonly a: string
  readonly b: string
  readonly same: boolean
}

/** Two snapshots, line by line. */
export function differences(a: SnapshotEntry, b: SnapshotEntry): readonly Difference[] {
  const lines: readonly [string, (s: SnapshotEntry) => string][] = [
    ['Behaviour', s => s.behaviour || '–'],
    ['Model', s => s.metadata.model || '–'],
    ['Prompt', s => s.metadata.shape.type],
    ['Tokens', s => count(s.metadata.shape.tokens)],
    ['Width', s => count(s.metadata.shape.width)],
    ['Conditions', s => s.metadata.conditionNames.join(', ') || 'none'],
    ['Step', stepText],
    ['Quick test', quickTestText],
    ['Full test', s => measure(s.fullTest)],
    ['Final test', s => measure(s.finalTest)],
    ['Data', s => s.metadata.dataset ?? '–'],
    ['Started from', s => initText(s.metadata.init)],
    ['Source', sourceText],
    ['Date', s => s.date.slice(0, 16).replace('T', ' ')],
  ]
  return lines.map(([name, read]) => ({ name, a: read(a), b: read(b), same: read(a) === read(b) }))
}
