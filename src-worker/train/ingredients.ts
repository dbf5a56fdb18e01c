// The files that a run is made of beside the model's weights: is a run of yesterday still the measurement that its spec asks
// for today? Data beyond some gigabytes are known by size, beginning and end alone (dataset/fingerprint.ts); files on the web
// are not fetched for this.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { behaviourOf } from '../behaviours/registry'
import type { ModelFolder } from '../contract/model'
import type { Provenance } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { dataFiles } from '../dataset/files'
import { fingerprint } from '../dataset/fingerprint'
import { isUrl } from '../dataset/remote'
import { withLocalData } from '../stream/local-data'
import { hashesOf, hashModelFiles } from '../weights/hash'
import { openModelFolder } from '../weights/model-folder'
import { homePaths, type Places } from './home'
import { locateModel } from './model-places'

/** Of a model folder, what decides tokens, shapes and where a text ends. One that comes or goes counts, too. */
const modelTexts = [
  ...['config.json', 'generation_config.json', 'chat_template.jinja'],
  ...['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'],
]

async function localData(spec: RunSpec, places: Places): Promise<RunSpec['data']> {
  const { path, testPath } = spec.data
  if (isUrl(path) || isUrl(testPath)) return spec.data
  const { demoData } = behaviourOf(spec.experiment.kind)
  return (await withLocalData(demoData, { ...places, spec })).data
}

/** Data of which all bytes are read: between what a fingerprint covers and what takes longer than a look should. */
const [covered, mostRead] = [2 << 20, 4 * 2 ** 30]

/** sha256 over all bytes of a file or folder; undefined: its fingerprint covers them, or they are too many. */
async function wholeOf(path: string, { home }: Places): Promise<string | undefined> {
  const files = await dataFiles(path, () => true)
  const sizes = await Promise.all(files.map(async file => (await stat(file)).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  if (Math.max(...sizes) <= covered || bytes > mostRead) return undefined
  const hashes = await hashesOf(files, homePaths(home).hashes)
  return createHash('sha256')
    .update([...hashes.values()].join('\n'))
    .digest('hex')
}

/** sha256 by role; data that are not there, made as needed or on the web have none, a file that a model has not has ''. */
export async function ingredientsOf(
  spec: RunSpec,
  model: ModelFolder,
  places: Places,
): Promise<Record<string, string>> {
  const { path, testPath } = await localData(spec, places)
  const init = 'init' in spec.prompt ? spec.prompt.init : undefined
  const files: readonly (readonly [string, string])[] = [
    ['data', path],
    ['test data', testPath],
    ['initial prompt', init?.kind === 'snapshot' ? init.path : ''],
    ...modelTexts.map(name => [name, join(model.path, name)] as const),
  ]
  const found: Record<string, string> = Object.fromEntries(modelTexts.map(name => [name, '']))
  for (const [role, file] of files) {
    const there = file !== '' && !isUrl(file) && (await stat(file).catch(() => undefined))
    if (!there) continue
    found[role] = (await fingerprint(file)).sha256
    const whole = role.endsWith('data') ? await wholeOf(file, places) : undefined
    if (whole !== undefined) found[`middle of the ${role}`] = whole
  }
  return found
}

/** Older runs noted only their data, as a line. */
const olderData = ({ dataset }: Provenance): Record<string, string> => {
  const sha256 = /^sha256 ([0-9a-f]{64}) /.exec(dataset.fingerprint)?.[1]
  return sha256 === undefined ? {} : { data: sha256 }
}

type Sums = Readonly<Record<string, string>>

/** All that a run is made of, as it is now: sha256 by name. */
export interface Ingredients {
  readonly files: Sums
  readonly weights: Sums
}

/** Of a spec, what its ingredients depend on: specs with the same key are made of the same. */
export const ingredientsKey = ({ model, experiment, data, prompt }: RunSpec): string =>
  JSON.stringify([model, experiment, data, 'init' in prompt ? prompt.init : null])

/** Reads the files. Faults: those of finding and opening the model. */
export async function ingredientsNow(spec: RunSpec, places: Places): Promise<Ingredients> {
  const model = await openModelFolder(await locateModel(spec.model, places))
  return {
    files: await ingredientsOf(spec, model, places),
    weights: await hashModelFiles(model, homePaths(places.home).hashes),
  }
}

/** What of a run's model, data and files is not now what it was then, by name; empty: all of it is the same. */
export function changedSince(then: Provenance, now: Ingredients): readonly string[] {
  const before = Object.keys(then.files).length > 0 ? then.files : olderData(then)
  const differs = (a: Sums, b: Sums): readonly string[] =>
    Object.keys(a).filter(name => b[name] !== undefined && b[name] !== a[name])
  return [...differs(before, now.files), ...differs(then.model.files, now.weights)]
}
