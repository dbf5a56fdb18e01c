// Relative paths of a spec count from the folder of the call. A run goes on from any folder, so its spec keeps whole ones.
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { RunSpecInput, SweepSpec } from '../contract/run-spec'
import { laidOver } from '../shared/plain-object'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The whole path of what is there; everything else (demo, URLs, names of the library) as it is. */
async function whole(path: string, inside = ''): Promise<string> {
  // what is no text is left to the schema to refuse
  if (typeof path !== 'string' || path === '' || path === 'demo' || path === 'procedural')
    return path
  return (await exists(join(resolve(path), inside))) ? resolve(path) : path
}

const wholeModel = (name: string): Promise<string> => whole(name, 'config.json')

async function wholeBase(base: RunSpecInput): Promise<RunSpecInput> {
  const { model, data, prompt } = base
  const init = prompt !== undefined && 'init' in prompt ? prompt.init : undefined
  const snapshot = init?.kind === 'snapshot' ? init.path : undefined
  return laidOver(base, {
    model: model && (await wholeModel(model)),
    data: data && {
      path: data.path && (await whole(data.path)),
      testPath: data.testPath && (await whole(data.testPath)),
    },
    prompt: snapshot && { init: { path: await whole(snapshot) } },
  }) as RunSpecInput
}

/** The sweep with models, data and snapshots as whole paths. */
export async function withWholePaths(sweep: SweepSpec): Promise<SweepSpec> {
  return {
    ...sweep,
    base: await wholeBase(sweep.base),
    models: await Promise.all(sweep.models.map(wholeModel)),
    datasets: await Promise.all(sweep.datasets.map(path => whole(path))),
  }
}
