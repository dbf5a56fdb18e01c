// The kinds of data sets in the library. Each is one behaviour's; which one a file is, its name or first record tells.
import { fail } from '../contract/fault'
import type { DatasetPreview } from '../contract/library'
import { type CountOptions, countDocuments } from '../dataset/count'
import { preview, previewRemote } from '../dataset/preview'
import { isUrl } from '../dataset/remote'
import type { Behaviour, DataKind } from './behaviour'
import { behaviours } from './registry'

export const dataKinds = (): readonly DataKind[] =>
  behaviours().flatMap(({ dataKind }) => (dataKind === undefined ? [] : [dataKind]))

export const dataKindOf = (kind: string): DataKind =>
  dataKinds().find(known => known.kind === kind) ?? fail(`no kind of data ${kind}`)

/** The behaviour that a new experiment with such data begins with: the one that reads them. */
export const readerOf = (kind: string): Behaviour =>
  behaviours().find(({ dataKind }) => dataKind?.kind === kind) ?? fail(`no kind of data ${kind}`)

/** What is not known otherwise is text. */
export const fileKind = (path: string): DataKind =>
  dataKinds().find(({ isFile }) => isFile?.(path)) ?? dataKindOf('text')

/**
 * The first records of a file, a folder or a URL, and what kind of data they are.
 * @param home SPW_HOME
 * Faults: those of reading the data; bad-data (no record).
 */
export async function lookAt(
  path: string,
  field: string,
  count: number,
  home: string,
): Promise<DatasetPreview> {
  const { kind, preview: own } = fileKind(path)
  if (own !== undefined && !isUrl(path)) return { ...(await own(path, count)), kind }
  const { first, ...seen } = isUrl(path)
    ? await previewRemote(path, count, field, home)
    : await preview(path, count, field)
  const found = dataKinds().find(({ isRecord }) => isRecord?.(first)) ?? dataKindOf('text')
  return { ...seen, kind: found.kind, field: found.textField ? seen.field : field }
}

export interface CountRequest {
  /** a file or folder on this machine */
  readonly path: string
  readonly kind: string
  /** that holds the text; empty: found by itself */
  readonly field: string
}

/** Usable records: texts that are not empty, examples, games of any event. Faults: of countDocuments. */
export function countRecords(
  { path, kind, field }: CountRequest,
  options: CountOptions,
): Promise<number> {
  const { count = () => fail(`${kind} data are made as needed`) } = dataKindOf(kind)
  return countDocuments(count(path, field), options)
}
