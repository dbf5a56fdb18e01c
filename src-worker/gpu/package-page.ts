// The page of one package on a simple index, as JSON (PEP 691) or HTML (PEP 503).
import { z } from 'zod'

export interface IndexFile {
  readonly filename: string
  /** absolute, without credentials */
  readonly url: string
  /** lower-case hexadecimal; empty: the index does not say */
  readonly sha256: string
  /** 0: the index does not say */
  readonly bytes: number
  readonly yanked: boolean
}

const page = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.record(z.string(), z.string()).default({}),
      size: z.number().optional(),
      yanked: z.union([z.boolean(), z.string()]).default(false),
    }),
  ),
})

/** @param base address of the page: its links may be relative */
function readJson(text: string, base: string): readonly IndexFile[] {
  return page.parse(JSON.parse(text)).files.map(file => ({
    filename: file.filename,
    url: new URL(file.url, base).href,
    sha256: (file.hashes.sha256 ?? '').toLowerCase(),
    bytes: file.size ?? 0,
    yanked: file.yanked !== false,
  }))
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const plainText = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return named[name] ?? whole
  })

const attribute = (tag: string, name: string): string | undefined => {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag)
  return match === null ? undefined : plainText(match[1] ?? match[2] ?? '')
}

/** Each file is one anchor; its checksum is the fragment of the link. */
function readHtml(text: string, address: string): readonly IndexFile[] {
  const baseTag = /<base\s[^>]*>/i.exec(text)?.[0]
  const base = new URL((baseTag && attribute(baseTag, 'href')) || address, address)
  return [...text.matchAll(/<a(\s[^>]*)>([^<]*)<\/a\s*>/gi)].flatMap(([, tag = '', label = '']) => {
    const href = attribute(tag, 'href')
    if (href === undefined) return []
    const url = new URL(href, base)
    const sha256 = /^#sha256=([\da-f]{64})$/i.exec(url.hash)?.[1] ?? ''
    url.hash = ''
    const filename = plainText(label).trim() || decodeURIComponent(url.pathname.split('/').at(-1)!)
    const yanked = /\sdata-yanked\b/i.test(tag)
    return [{ filename, url: url.href, sha256: sha256.toLowerCase(), bytes: 0, yanked }]
  })
}

/**
 * @param type the answer's content-type
 * @throws what JSON.parse, zod or URL throw: the caller knows which index it asked
 */
export const readPage = (text: string, type: string, address: string): readonly IndexFile[] =>
  type.includes('json') ? readJson(text, address) : readHtml(text, address)
