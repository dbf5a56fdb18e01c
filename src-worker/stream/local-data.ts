// Where the data that a spec names lie on this machine: bundled, remote (fetched now), or as they are.
import { join } from 'node:path'
import { Fault } from '../contract/fault'
import type { RunSpec } from '../contract/run-spec'
import { fetchFile, isUrl } from '../dataset/remote'
import type { ExperimentContext } from './source'

export type DataContext = Pick<
  ExperimentContext,
  'spec' | 'home' | 'resources' | 'onProgress' | 'signal'
>

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/**
 * A bundled file: 'demo' is the behaviour's own, 'demo/NAME' another one of resources/data; undefined: it is none.
 * @param demoData the behaviour's own, relative to the resources; empty: it has none
 */
export function bundledPath(path: string, demoData: string, resources: string): string | undefined {
  if (path === 'demo' && demoData !== '') return join(resources, demoData)
  const [, name] = /^demo\/([\w.-]+)$/.exec(path) ?? []
  return name === undefined ? undefined : join(resources, 'data', name)
}

async function localPath(path: string, demoData: string, context: DataContext): Promise<string> {
  const { spec, home, resources, onProgress, signal } = context
  const bundled = bundledPath(path, demoData, resources)
  if (bundled !== undefined) return bundled
  if (path === 'demo') {
    const message = `there are no bundled data for ${spec.experiment.kind}`
    throw new Fault('usage', message, 'Name a file, a folder or a URL.')
  }
  if (!isUrl(path)) return path
  return fetchFile(path, {
    home,
    headBytes: spec.data.headBytes,
    ...(signal ? { signal } : {}),
    onProgress: (done, total) => {
      const of = total === undefined ? '' : ` of ${megabytes(total)}`
      onProgress?.(`fetching ${path}: ${megabytes(done)}${of}`, total ? done / total : undefined)
    },
  })
}

/**
 * The spec with local paths for its data.
 * @param demoData bundled file that 'demo' stands for, relative to the resources; empty: none
 * Faults: usage (no bundled data), and those of fetchFile.
 */
export async function withLocalData(demoData: string, context: DataContext): Promise<RunSpec> {
  const { spec } = context
  const path = await localPath(spec.data.path, demoData, context)
  const { testPath } = spec.data
  const test = testPath === '' ? '' : await localPath(testPath, demoData, context)
  return { ...spec, data: { ...spec.data, path, testPath: test } }
}
