// What the palette finds beside the actions: runs, snapshots, models, data sets, sections of the settings; and how well a
// query fits a line.
import { computed } from 'vue'
import type { Router } from 'vue-router'
import type { SnapshotEntry } from '../../../src-worker/contract/library'
import { type DistinctName, nameText } from '../../../src-worker/shared/distinct-names'
import { dataName } from '../../../src-worker/shared/names'
import type { Command } from '../../commands/registry'
import { useAnswers } from '../../stores/answers'
import { useLibrary } from '../../stores/library'
import { useRuns } from '../../stores/runs'
import { useSettings } from '../../stores/settings'
import { snapshotNames } from '../../stores/snapshots-list'
import { useSweepDraft } from '../../stores/sweep-draft'
import { answerAddress, sweepAddress } from '../../text/addresses'
import { modelName } from '../../text/format'
import { settingsSections } from '../settings/sections'

/** Everything that has a place of its own, as commands that go there. */
export function usePaletteEntries(router: Router) {
  const [runs, library, answers] = [useRuns(), useLibrary(), useAnswers()]
  const draft = useSweepDraft()
  const settings = useSettings()
  const to = (group: string, id: string, title: string, address: string): Command => ({
    ...{ id: `${group} ${id}`, title, group },
    run: () => void router.push(address),
  })
  const seedOf = ({ run }: SnapshotEntry) => runs.get(run)?.spec.seed
  const nameOf = (name: DistinctName | undefined, id: string) => (name ? nameText(name) : id)
  return computed<readonly Command[]>(() => {
    const snapshots = snapshotNames(library.snapshots, seedOf)
    const sweeps = [...new Set(runs.all.map(run => run.sweep).filter(sweep => sweep !== ''))]
    return [
      ...runs.all.map(({ id }) => to('Run', id, nameOf(runs.names.get(id), id), `/runs/${id}`)),
      ...sweeps.map(sweep =>
        to(
          'Sweep',
          sweep,
          runs.sweepName(sweep),
          answers.get(sweep) ? answerAddress(sweep) : sweepAddress(sweep),
        ),
      ),
      ...library.snapshots.map(s =>
        to(
          'Snapshot',
          s.path,
          nameOf(snapshots.get(s.path), s.path),
          `/snapshots?open=${encodeURIComponent(s.path)}`,
        ),
      ),
      ...library.models.map(m => ({
        ...to('Model', m.id, `New experiment with ${modelName(m.id)}`, '/new'),
        enabled: () => m.fault === null,
        run: () => {
          draft.change({ models: [m.id] })
          void router.push('/new')
        },
      })),
      ...library.datasets.map(d => ({
        ...to('Data', d.path, `New experiment on ${dataName(d.path)}`, '/new'),
        run: () => {
          draft.choosePaths([d.path])
          void router.push('/new')
        },
      })),
      ...Object.values(settingsSections).map(({ heading, also }) =>
        to(
          'Settings',
          heading,
          `${heading}: ${also}`,
          `/settings?section=${encodeURIComponent(heading)}`,
        ),
      ),
      ...(['dark', 'light'] as const).map(theme => ({
        ...{ id: `theme ${theme}`, title: `Theme: ${theme}`, group: 'Settings' },
        enabled: () => settings.theme !== theme,
        run: () => void settings.save({ theme }),
      })),
    ]
  })
}

/** A word in a line: 0 where it begins a word, 1 inside one, more where its letters only follow each other; null: not at all. */
function wordFit(line: string, word: string): number | null {
  const at = line.indexOf(word)
  if (at === 0 || (at > 0 && /[^a-z0-9]/.test(line.charAt(at - 1)))) return 0
  if (at > 0) return 1
  let from = -1
  let gaps = 0
  for (const letter of word) {
    const next = line.indexOf(letter, from + 1)
    if (next < 0) return null
    if (from >= 0) gaps += next - from - 1
    from = next
  }
  // letters from all over the line are no word of it
  return gaps <= 2 * word.length ? 2 + gaps : null
}

/** How well a query fits: smaller is better; null: not at all. Each of its words must be there. */
export function fitOf(
  { group, title }: Pick<Command, 'group' | 'title'>,
  query: string,
): number | null {
  const line = `${title} ${group}`.toLowerCase()
  const fits = query
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map(word => wordFit(line, word))
  return fits.includes(null) ? null : fits.reduce<number>((sum, fit) => sum + (fit ?? 0), 0)
}
