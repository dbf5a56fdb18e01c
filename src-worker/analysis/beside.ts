// Which of the paper's runs stand beside ours: those of the same behaviour and model, under our own behaviour.
import type { AnalysedRun } from '../contract/analysed-run'
import type { AnalysisOptions } from '../contract/analysis'
import { lastPart } from '../shared/names'

const work = (run: AnalysedRun): string =>
  [run.behaviour, lastPart(run.model)].join(' | ').toLowerCase()

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '')

/** 'RedPajamaV2' and 'redpajama_v2_head' are the same data as far as names can show. */
const alike = (a: string, b: string): boolean =>
  letters(a) !== '' && (letters(b).includes(letters(a)) || letters(a).includes(letters(b)))

/** A published run as a line in the figure of our behaviour; it keeps the name of its own data among its settings. */
function under(dataset: string, run: AnalysedRun): AnalysedRun {
  if (run.dataset === dataset) return run
  return { ...run, dataset, settings: { ...run.settings, dataset: run.dataset } }
}

/**
 * All runs when there are none of ours. Else ours, and the paper's of the same work, moved under our behaviour;
 * with `published: 'all'` also its other ones, as they are.
 */
export function withPaper(
  runs: readonly AnalysedRun[],
  { includePublished, published }: Pick<AnalysisOptions, 'includePublished' | 'published'>,
): AnalysedRun[] {
  const own = runs.filter(run => run.source !== 'published')
  const paper = includePublished ? runs.filter(run => run.source === 'published') : []
  if (own.length === 0) return [...paper]
  const datasets = new Map<string, Set<string>>()
  for (const run of own)
    datasets.set(work(run), (datasets.get(work(run)) ?? new Set()).add(run.dataset))
  const beside = paper.flatMap(run => {
    const targets = datasets.get(work(run))
    if (targets === undefined) return published === 'all' ? [run] : []
    const twins = paper.filter(other => work(other) === work(run)).map(other => other.dataset)
    return [...targets]
      .filter(target => alike(run.dataset, target) || !twins.some(twin => alike(twin, target)))
      .map(target => under(target, run))
  })
  return [...own, ...beside]
}
