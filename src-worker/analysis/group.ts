// Sorts runs into curves: one behaviour, one model, one source, one way of training. Tokens, seeds and steps may differ inside.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Behaviour } from '../contract/analysis'
import { lastPart } from '../shared/names'

export interface Group {
  readonly id: string
  readonly behaviour: string
  /** as the runs call it */
  readonly model: string
  readonly source: AnalysedRun['source']
  /** the settings that distinguish this group from others of the same model and behaviour, as words */
  readonly apart: string
  readonly trained: readonly AnalysedRun[]
  readonly untrained: readonly AnalysedRun[]
  readonly none: readonly AnalysedRun[]
  readonly startToken: readonly AnalysedRun[]
  /** texts in place of a soft prompt and prompts of other programs, which were not trained here, and controls */
  readonly given: readonly AnalysedRun[]
}
export interface Skipped {
  readonly run: string
  readonly reason: string
}

export const behaviourId = (run: Pick<AnalysedRun, 'behaviour' | 'dataset'>): string =>
  [run.behaviour, run.dataset].filter(part => part !== '').join(' / ')

/** Behaviours in order of appearance; the dataset is named only where it distinguishes two of them. */
export function behavioursOf(runs: readonly AnalysedRun[]): Behaviour[] {
  const found = new Map<string, AnalysedRun>()
  for (const run of runs) if (!found.has(behaviourId(run))) found.set(behaviourId(run), run)
  const all = [...found.entries()]
  return all.map(([id, run]) => {
    const twins = all.filter(([, other]) => other.behaviour === run.behaviour).length > 1
    return {
      id,
      label: twins && run.dataset !== '' ? `${run.behaviour}, ${run.dataset}` : run.behaviour,
      experiment: run.experiment,
      dataset: run.dataset,
    }
  })
}

/** Runs of one curve: they differ in tokens, seed and steps at most. */
export const sameCurve = (a: AnalysedRun, b: AnalysedRun): boolean =>
  placeOf(a) === placeOf(b) && canonical(a.settings) === canonical(b.settings)

/**
 * The run that takes the place of one that failed: the same training with the same seed. Of one that failed before its first
 * step, for instance of a field that its file does not have, also one with other settings.
 */
export const replacementOf = (
  failed: AnalysedRun,
  runs: readonly AnalysedRun[],
): AnalysedRun | undefined =>
  runs.find(
    run =>
      run.state !== 'failed' &&
      run.tokens === failed.tokens &&
      run.seed === failed.seed &&
      run.baseline === failed.baseline &&
      (failed.steps === 0 ? placeOf(run) === placeOf(failed) : sameCurve(run, failed)),
  )

const placeOf = (run: AnalysedRun): string =>
  [behaviourId(run), lastPart(run.model).toLowerCase(), run.source].join(' | ')

const canonical = (settings: AnalysedRun['settings']): string =>
  JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Settings that decide what is tested; a baseline must share them with its curve. */
const tested = (key: string): boolean =>
  /^(data\.|experiment\.|dataset$|training\.length$)/.test(key)

const fits = (baseline: AnalysedRun, curve: AnalysedRun): boolean =>
  // a control is of one way of training, a baseline of all that were tested as it was
  (baseline.baseline !== 'control' || canonical(baseline.settings) === canonical(curve.settings)) &&
  Object.entries(baseline.settings).every(([key, value]) => {
    const other = curve.settings[key]
    return !tested(key) || other === undefined || other === value
  })

/** The better of two runs of the same length and seed: the one that went further, then the later one. */
const later = (a: AnalysedRun, b: AnalysedRun): AnalysedRun =>
  a.steps !== b.steps ? (a.steps > b.steps ? a : b) : a.startedAt > b.startedAt ? a : b

/** Which text or file stands in place of a soft prompt: two of one length are two points. Of controls only the length counts. */
export const givenPrompt = ({ settings, baseline }: AnalysedRun): string =>
  baseline === 'control'
    ? baseline
    : (settings['prompt.init.text'] ?? settings['prompt.init.path'] ?? '')

/** One run for each length and seed; the others are listed in `skipped`. */
function withoutRepeats(runs: readonly AnalysedRun[], skipped: Skipped[]): AnalysedRun[] {
  const kept = new Map<string, AnalysedRun>()
  for (const run of runs) {
    const key = `${run.tokens} ${givenPrompt(run)} ${run.seed ?? run.id}`
    const other = kept.get(key)
    const better = other === undefined ? run : later(run, other)
    kept.set(key, better)
    const worse = better === run ? other : run
    if (worse)
      skipped.push({
        run: worse.id,
        reason: `${better.id} has the same settings and seed, and went at least as far`,
      })
  }
  return [...kept.values()].sort((a, b) => a.tokens - b.tokens || (a.seed ?? 0) - (b.seed ?? 0))
}

/** What is not the same over groups of one model and behaviour: 'learning rate 0.01, init zero'. */
function apartWords(own: AnalysedRun, all: readonly AnalysedRun[]): string {
  const keys = new Set(all.flatMap(run => Object.keys(run.settings)))
  const words = [...keys]
    .filter(key => new Set(all.map(run => run.settings[key] ?? '')).size > 1)
    .map(key => `${settingName(key)} ${settingText(own.settings[key])}`)
  return words.join(', ')
}

/** As it is; of blanks, or what has some at its ends, in quotation marks. */
function settingText(value: string | undefined): string {
  if (value === undefined) return '–'
  return /^$|^\s|\s$/.test(value) ? JSON.stringify(value) : value
}

/** 'optimizer.learningRate' → 'learning rate', 'prompt.init.kind' → 'init'. */
function settingName(key: string): string {
  const parts = key.split('.')
  const last = parts.at(-1) === 'kind' ? parts.at(-2) : parts.at(-1)
  return (last ?? key).replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
}

export interface Grouped {
  readonly groups: readonly Group[]
  readonly skipped: readonly Skipped[]
}

/** All runs must have the metric. Evaluations are no points of a curve: what they tested was trained elsewhere. */
export function grouped(all: readonly AnalysedRun[]): Grouped {
  const runs = all.filter(run => run.baseline !== 'evaluation')
  const skipped: Skipped[] = all
    .filter(run => run.baseline === 'evaluation')
    .map(run => ({ run: run.id, reason: 'it evaluates a snapshot, and trained nothing' }))
  const isBaseline = (run: AnalysedRun): boolean =>
    run.baseline !== undefined && run.baseline !== 'untrained'
  const places = new Map<string, AnalysedRun[]>()
  for (const run of runs) places.set(placeOf(run), [...(places.get(placeOf(run)) ?? []), run])
  const groups: Group[] = []
  for (const [place, members] of places) {
    const prompted = members.filter(run => !isBaseline(run))
    const ways = new Map<string, AnalysedRun[]>()
    for (const run of prompted) {
      const way = canonical(run.settings)
      ways.set(way, [...(ways.get(way) ?? []), run])
    }
    // baselines alone still are a curve: a person sees what is there before anything is trained
    if (ways.size === 0) ways.set('', [])
    const firsts = [...ways.values()].flatMap(of => of.slice(0, 1))
    for (const of of ways.values()) {
      const first = of[0] ?? members[0]
      if (first === undefined) continue
      const pick = (kind: AnalysedRun['baseline']): AnalysedRun[] => {
        const from = kind === undefined || kind === 'untrained' ? of : members
        const chosen = from.filter(
          run => run.baseline === kind && (from === of || fits(run, first)),
        )
        return withoutRepeats(chosen, skipped)
      }
      const apart = ways.size > 1 ? apartWords(first, firsts) : ''
      groups.push({
        id: apart === '' ? place : `${place} | ${apart}`,
        behaviour: behaviourId(first),
        model: first.model,
        source: first.source,
        apart,
        trained: pick(undefined),
        untrained: pick('untrained'),
        none: pick('none'),
        startToken: pick('start-token'),
        given: [...pick('text-prompt'), ...pick('imported-prompt'), ...pick('control')],
      })
    }
    skipped.push(...withoutCurve(members.filter(isBaseline), groups, skipped))
  }
  return { groups, skipped: dedupe(skipped) }
}

/** What was tested in another way than every curve that it could stand beside; repeats have a reason of their own. */
function withoutCurve(
  baselines: readonly AnalysedRun[],
  groups: readonly Group[],
  repeats: readonly Skipped[],
): Skipped[] {
  const used = new Set(groups.flatMap(g => [...g.none, ...g.startToken, ...g.given]))
  const reason = 'no curve was tested as it was: its data, experiment or length are other ones'
  return baselines
    .filter(run => !used.has(run) && !repeats.some(repeat => repeat.run === run.id))
    .map(({ id: run }) => ({ run, reason }))
}

const dedupe = (skipped: readonly Skipped[]): Skipped[] => [
  ...new Map(skipped.map(s => [s.run, s])).values(),
]
