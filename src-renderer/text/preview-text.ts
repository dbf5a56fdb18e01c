// The text of one previewed record, as a person would read it.
import type { DatasetPreview } from '../../src-worker/contract/library'

const most = 600

export function rowText(row: Readonly<Record<string, unknown>>, field: string): string {
  const value = field !== '' && field in row ? row[field] : undefined
  if (typeof value === 'string') return cut(value)
  const parts = Object.entries(row).map(
    ([key, v]) => `${key}: ${typeof v === 'string' ? v : JSON.stringify(v)}`,
  )
  return cut(parts.join('\n'))
}

export const previewText = (preview: DatasetPreview): string =>
  rowText(preview.rows[0] ?? {}, preview.field)

const cut = (text: string) => (text.length > most ? `${text.slice(0, most)} …` : text)
