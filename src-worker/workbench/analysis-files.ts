// Run folders into the analysis, and the analysis into files.
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { analyse, checkThresholds } from '../analysis/analyse'
import { deviationsOf } from '../analysis/preregister'
import { publishedRuns } from '../analysis/published'
import { type ReportFormat, reportParts } from '../analysis/report'
import type { ReportInput } from '../analysis/report-input'
import { analysedRun } from '../analysis/runs'
import type { AnalysedRun } from '../contract/analysed-run'
import type { Analysis, AnalysisOptionsInput } from '../contract/analysis'
import { type FrozenSweep, frozenSweepSchema } from '../contract/frozen-sweep'
import { oncePerKey } from '../shared/once'
import { findRun, runIds } from '../train/find-run'
import { homePaths, type Places } from '../train/home'
import { versionsOf } from '../train/provenance'
import { readFitting, readLabel } from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'
import { importedRun } from './import-tensorboard'

const none: ReadonlySet<string> = new Set()

/** Folders of the named runs, or of a sweep of that name; none named: all. */
async function foldersOf({ home }: Places, names: readonly string[]): Promise<readonly string[]> {
  const all = (await runIds(home)).map(id => join(homePaths(home).runs, id))
  if (names.length === 0) return all
  const byId = new Map(all.map(folder => [basename(folder), folder]))
  const sweeps = names.every(name => byId.has(name)) ? undefined : await foldersBySweep(all)
  const found = new Set<string>()
  for (const name of names) {
    const own = byId.get(name)
    const folders = own === undefined ? sweeps?.get(name) : [own]
    for (const folder of folders ?? [await findRun(home, name)]) found.add(folder)
  }
  return [...found]
}

async function foldersBySweep(folders: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const sweeps = new Map<string, string[]>()
  for (const folder of folders) {
    const { sweep } = await readLabel(folder).catch(() => ({ sweep: '' }))
    if (sweep !== '') sweeps.set(sweep, [...(sweeps.get(sweep) ?? []), folder])
  }
  return sweeps
}

/** A folder as the analysis takes it. @param known owners that live in this process */
export const readRun = async (folder: string, known = none): Promise<AnalysedRun> =>
  (await importedRun(folder)) ?? (await analysedRun(folder, known))

/** They come with the app, and do not change. */
const paperRuns = oncePerKey(publishedRuns)

/** Runs as the analysis takes them, the paper's last. Broken folders are left out when they were not named. */
export async function collectRuns(
  places: Places,
  names: readonly string[],
  readOne: (folder: string) => Promise<AnalysedRun> = readRun,
): Promise<readonly AnalysedRun[]> {
  const read = async (folder: string): Promise<AnalysedRun[]> => {
    try {
      return [await readOne(folder)]
    } catch (error) {
      if (names.length > 0) throw error
      return []
    }
  }
  const own = (await Promise.all((await foldersOf(places, names)).map(read))).flat()
  return [...own, ...(await paperRuns(places.resources))]
}

export async function analyseRuns(
  places: Places,
  names: readonly string[],
  options: AnalysisOptionsInput,
): Promise<Analysis> {
  const analysis = analyse(await collectRuns(places, names), options)
  checkThresholds(options, analysis)
  return analysis
}

/** The frozen sweeps that these runs' labels name. */
async function frozenOf(places: Places, names: readonly string[]): Promise<readonly FrozenSweep[]> {
  const found = new Map<string, FrozenSweep>()
  for (const folder of await foldersOf(places, names)) {
    const { sweep } = await readLabel(folder).catch(() => ({ sweep: '' }))
    const hash = /\[frozen ([0-9a-f]+)\]$/.exec(sweep)?.[1]
    if (hash === undefined || found.has(hash)) continue
    const frozen = await findFrozen(places.home, hash)
    if (frozen !== undefined) found.set(hash, frozen)
  }
  return [...found.values()]
}

async function findFrozen(home: string, hash: string): Promise<FrozenSweep | undefined> {
  const folder = homePaths(home).frozen
  const name = (await readdir(folder).catch(() => [])).find(n => n.startsWith(hash))
  return name === undefined ? undefined : readFrozen(join(folder, name))
}

/** Writes a report's files; answers with their paths. @param to the HTML file; the others stand beside it */
export async function reportFiles(
  places: Places,
  names: readonly string[],
  options: AnalysisOptionsInput,
  to: string,
  formats: readonly ReportFormat[] = ['html', 'json', 'csv', 'svg'],
): Promise<string[]> {
  const runs = await collectRuns(places, names)
  const analysis = analyse(runs, options)
  checkThresholds(options, analysis)
  const own = runs.filter(run => run.source !== 'published')
  // one report answers one registration: the first that its runs name
  const [frozen] = await frozenOf(places, names)
  const input: ReportInput = {
    analysis,
    runs,
    generatedAt: new Date().toISOString(),
    version: versionsOf().workbench ?? '',
    ...(frozen === undefined
      ? {}
      : { frozen, deviations: deviationsOf(frozen, own, analysis.options) }),
  }
  const paths: string[] = []
  for (const { name, text } of reportParts(input, formats, basename(to, '.html'))) {
    const path = join(dirname(to), name)
    await writeAtomically(path, text)
    paths.push(path)
  }
  return paths
}

/** Frozen sweeps (pre-registration): SPW_HOME/frozen/<hash>.json. Which one a run belongs to is in its label. */
export async function saveFrozen(home: string, frozen: FrozenSweep): Promise<string> {
  const path = join(homePaths(home).frozen, `${frozen.hash}.json`)
  await writeAtomically(path, `${JSON.stringify(frozen, null, 2)}\n`)
  return path
}

export async function readFrozen(path: string): Promise<FrozenSweep | undefined> {
  return readFitting(path, frozenSweepSchema)
}
