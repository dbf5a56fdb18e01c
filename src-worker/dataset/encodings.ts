// What a file's bytes are when they are no UTF-8: another encoding of text, or another kind of file. By what its first
// bytes say, and by what they become in the encodings that people keep text in.
import { isUtf8 } from 'node:buffer'
import { Fault } from '../contract/fault'

/** Kinds of files whose first bytes say what they are. */
const signatures: readonly [string, string][] = [
  ['BZh*1AY&SY', 'packed by bzip2'],
  ['\xfd7zXZ\0', 'packed by xz'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive'],
  ['PK\x03\x04', 'a zip archive (or a workbook of a spreadsheet)'],
  ['%PDF-', 'a PDF'],
  ['SQLite format 3\0', 'an SQLite database'],
  ['\x89HDF\r\n', 'an HDF5 file'],
]

/** A star stands for any byte. */
const begins = (head: string, mark: string): boolean =>
  [...mark].every((sign, i) => sign === '*' || head[i] === sign)

/** bytes that are looked at */
const looked = 1 << 16

/** Letters of a text do not stand for these, tab, line ends and form feed aside. */
const isControl = (byte: number): boolean => byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d)

/** How many bytes at each place of a unit of `size` bytes are 0, and how many are another control character. */
function byPlace(bytes: Uint8Array, size: number): { zeros: number[]; controls: number[] } {
  const zeros = new Array<number>(size).fill(0)
  const controls = new Array<number>(size).fill(0)
  bytes.forEach((byte, i) => {
    const counts = byte === 0 ? zeros : isControl(byte) ? controls : undefined
    if (counts !== undefined) counts[i % size] = (counts[i % size] ?? 0) + 1
  })
  return { zeros, controls }
}

const decoded = (bytes: Uint8Array, encoding: string): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return undefined
  }
}

/** UTF-32 without a mark: of each four bytes the highest is 0, the next at most 0x10. */
function isUtf32(bytes: Uint8Array, highest: 0 | 3): boolean {
  const next = highest === 0 ? 1 : 2
  const units = Math.floor(bytes.length / 4)
  for (let i = 0; i < units * 4; i += 4)
    if (bytes[i + highest] !== 0 || (bytes[i + next] ?? 0) > 0x10) return false
  // zeros alone are a hole in a file, not a text
  return units > 1 && bytes.some(byte => byte !== 0)
}

/** UTF-16 without a mark: high bytes are of few scripts, so that many are 0 or a control character. */
function isUtf16(bytes: Uint8Array, high: 0 | 1): boolean {
  const { zeros, controls } = byPlace(bytes, 2)
  const units = bytes.length / 2
  const [atHigh, atLow] = [high, 1 - high].map(i => [zeros[i] ?? 0, controls[i] ?? 0] as const)
  if (units < 1 || atHigh === undefined || atLow === undefined) return false
  // no text of one byte a letter has them in most of such places
  if (atHigh[0] > units / 2 && atLow[0] < atHigh[0] / 5) return true
  if (atLow[0] > 0) return false
  if (units >= 2 && atHigh[0] + atHigh[1] === units) return true
  if (units < 3) return false
  if (atHigh[0] + atHigh[1] > units / 3 && atLow[1] < units / 20) return true
  // scripts whose high bytes are no control characters: their blanks and line ends have a 0, and no UTF-8 begins so
  const text = decoded(bytes, high === 1 ? 'utf-16le' : 'utf-16be')
  if (text === undefined || isUtf8(bytes) || atHigh[0] < units / 100) return false
  return !/[\p{Cn}\p{Co}]/u.test(text)
}

const startsWith = (bytes: Buffer, hex: string): boolean =>
  bytes.subarray(0, hex.length / 2).toString('hex') === hex

/** UTF-16 or UTF-32, with a mark or without; undefined: neither. */
function wideEncoding(bytes: Buffer): string | undefined {
  if (startsWith(bytes, 'fffe0000') || startsWith(bytes, '0000feff')) return 'UTF-32'
  if (startsWith(bytes, 'fffe') || startsWith(bytes, 'feff')) return 'UTF-16'
  if (!bytes.includes(0) && isUtf8(bytes)) return highOnly(bytes)
  if (isUtf32(bytes, 3)) return 'UTF-32LE'
  if (isUtf32(bytes, 0)) return 'UTF-32BE'
  return highOnly(bytes)
}

const highOnly = (bytes: Buffer): string | undefined =>
  isUtf16(bytes, 1) ? 'UTF-16LE' : isUtf16(bytes, 0) ? 'UTF-16BE' : undefined

/** Text of two or four bytes a character, or no text at all: the fault that says so; undefined: neither. */
export function otherForm(path: string, start: Buffer): Fault | undefined {
  const bytes = start.subarray(0, looked)
  const head = bytes.subarray(0, 16).toString('latin1')
  const kind = signatures.find(([mark]) => begins(head, mark))?.[1]
  if (kind !== undefined)
    return new Fault(
      'bad-file',
      `${path} is ${kind}, no text (byte 0)`,
      'Unpack it, or export it as text.',
    )
  const name = wideEncoding(bytes)
  if (name === undefined) return undefined
  const fix = `Write it as UTF-8: iconv -f ${name} -t UTF-8.`
  return new Fault('bad-file', `${path} is ${name.replace(/[LB]E$/, '')}, no UTF-8 (byte 0)`, fix)
}

/**
 * What jschardet may answer, by the names that iconv knows. Encodings that hardly any file has are left out: texts of a few
 * words would fit them. On 159 small files of 23 languages in 32 encodings it names one that reads the file rightly for 150;
 * the letters of each language alone (our own tables, until 2026-11-30) did for 134, chardet (npm) for 81.
 */
const iconvNames: Readonly<Record<string, string>> = {
  ...{ cp932: 'CP932', shift_jis: 'Shift_JIS', 'euc-jp': 'EUC-JP' },
  ...{ cp949: 'CP949', 'euc-kr': 'EUC-KR', gb18030: 'GB18030', big5: 'Big5' },
  ...{ 'windows-1250': 'Windows-1250', 'iso-8859-2': 'ISO-8859-2', cp852: 'CP852' },
  ...{ 'windows-1251': 'Windows-1251', 'koi8-r': 'KOI8-R', 'koi8-u': 'KOI8-U' },
  ...{ ibm866: 'CP866', 'iso-8859-5': 'ISO-8859-5' },
  ...{ 'windows-1252': 'Windows-1252', 'iso8859-15': 'ISO-8859-15', 'iso-8859-1': 'ISO-8859-1' },
  ...{ macroman: 'MACINTOSH', cp850: 'CP850', cp437: 'CP437' },
  ...{ 'windows-1253': 'Windows-1253', 'iso-8859-7': 'ISO-8859-7' },
  ...{ 'windows-1254': 'Windows-1254', 'iso-8859-9': 'ISO-8859-9' },
  ...{ 'windows-1255': 'Windows-1255', 'iso-8859-8': 'ISO-8859-8' },
  ...{ 'windows-1256': 'Windows-1256', 'iso-8859-6': 'ISO-8859-6' },
  ...{ 'windows-1257': 'Windows-1257', 'iso-8859-13': 'ISO-8859-13' },
  ...{ cp1258: 'CP1258', cp874: 'CP874', 'tis-620': 'TIS-620' },
}
const iconvName = (encoding: string): string | undefined => iconvNames[encoding.toLowerCase()]

interface Script {
  readonly name: string
  readonly decoder: string
  /** all letters beyond ASCII of a text in it */
  readonly letters: RegExp
}

const japanese = /[\u3000-\u30ff\uff01-\uff60\p{Script=Han}]/u
const chinese = /[\u3000-\u303f\uff01-\uff60\p{Script=Han}]/u

/** What a few letters may be: too few to tell by how often each is used. */
const scripts: readonly Script[] = [
  { name: 'CP932', decoder: 'shift_jis', letters: japanese },
  { name: 'EUC-JP', decoder: 'euc-jp', letters: japanese },
  { name: 'CP949', decoder: 'euc-kr', letters: /\p{Script=Hangul}/u },
  { name: 'Windows-1251', decoder: 'windows-1251', letters: /\p{Script=Cyrillic}/u },
  { name: 'KOI8-R', decoder: 'koi8-r', letters: /\p{Script=Cyrillic}/u },
  { name: 'GB18030', decoder: 'gb18030', letters: chinese },
  { name: 'Big5', decoder: 'big5', letters: chinese },
]

/** Whether all characters beyond ASCII match. */
function isAll(text: string, wanted: RegExp): boolean {
  const beyond = text.match(/[^\0-\x7f]/gu) ?? []
  return beyond.length > 0 && beyond.every(c => wanted.test(c))
}

/** Bytes beyond ASCII from which on one encoding is taken for certain. */
const enoughBytes = 16

const western = 'Windows-1252'

const beyondAscii = (sample: Buffer): number => sample.filter(byte => byte >= 0x80).length

/** Bytes beyond ASCII that say nothing by how often each is used. */
const nothingSaid = 5
const accents = /^[\0-\x7fÀ-ÖØ-öø-ÿŒœ‘’“”–—…€]*$/
/** Without those of Iceland, whose bytes are Turkish letters. */
const usualAccents = /^[\0-\x7fÀ-ÏÑ-ÖØ-Üß-ïñ-öø-üÿŒœ‘’“”–—…€]*$/

/**
 * One to four letters or signs, or the same few again and again, as of a café here and there in an English text, each
 * common in Western Europe: the commonest encoding.
 */
function isMerelyAccents(sample: Buffer): boolean {
  const text = decoded(sample, 'windows-1252') ?? ''
  if (beyondAscii(sample) < nothingSaid) return accents.test(text)
  const different = new Set(sample.filter(byte => byte >= 0x80))
  return different.size < nothingSaid && usualAccents.test(text)
}

/** Words of other scripts do not stand within ASCII words. */
const isAmongLetters = (text: string): boolean => /[a-z][^\0-\x7f]|[^\0-\x7f][a-z]/iu.test(text)

/** Nor does one word mix them with ASCII letters. */
const mixed =
  /[a-z][\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}]|[\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}][a-z]/iu
const mixesScripts = (sample: Buffer, encoding: string): boolean =>
  beyondAscii(sample) < enoughBytes && mixed.test(decoded(sample, encoding) ?? '')

/** UTF-16 of few letters, without a blank: letters of these scripts alone. */
const wideLetters = /^[\u3000-\u30ff\uff01-\uff60\p{Script=Han}\p{Script=Hangul}]+\s*$/u

function wideGuesses(whole: Buffer): readonly string[] {
  const words = whole.toString('latin1').replace(/[^a-z]/gi, '')
  if (whole.length % 2 > 0 || words.length > whole.length / 2) return []
  const guesses = [
    ['UTF-16LE', 'utf-16le'],
    ['UTF-16BE', 'utf-16be'],
  ] as const
  return guesses
    .filter(([, decoder]) => wideLetters.test(decoded(whole, decoder) ?? ''))
    .map(([name]) => name)
}

/** What else a few letters may be. @param whole the file, where the bytes are known from its first one on */
function alsoPossible(sample: Buffer, first: string, whole: Buffer | undefined): readonly string[] {
  if (beyondAscii(sample) >= enoughBytes) return []
  const fitting = scripts.filter(({ decoder, letters }) => {
    const text = decoded(sample, decoder)
    return text !== undefined && isAll(text, letters) && !isAmongLetters(text)
  })
  const latin = decoded(sample, 'windows-1252') ?? ''
  const isLatin = isAll(latin, /\p{L}/u) || accents.test(latin)
  const letters = isLatin ? [westernName(sample)] : []
  const wide = whole === undefined ? [] : wideGuesses(whole)
  const names = [...wide, ...fitting.map(({ name }) => name), ...letters]
  return [...new Set(names)].filter(name => name !== first)
}

/** 0x80 … 0x9f are letters and quotes in Windows-1252, nothing in Latin-1. */
const westernName = (bytes: Uint8Array): string =>
  bytes.some(byte => byte >= 0x80 && byte < 0xa0) ? 'Windows-1252' : 'ISO-8859-1'

export interface LikelyEncoding {
  /** as iconv calls it */
  readonly name: string
  /** what else so few letters may be */
  readonly others: readonly string[]
}

/**
 * The encoding of bytes that are no UTF-8.
 * @param bytes from the first byte on that is none, or the letter before it
 * @param whole the file from its first byte on, where that is at hand
 */
export async function likelyEncoding(bytes: Buffer, whole?: Buffer): Promise<LikelyEncoding> {
  // a megabyte of models, for files that are not read anyway
  const { detectAll } = await import('jschardet')
  const sample = bytes.subarray(0, looked)
  const found = detectAll(sample, { minimumThreshold: 0 })
  const known = found.flatMap(({ encoding }) => iconvName(encoding ?? '') ?? [])
  const best = known.find(name => !mixesScripts(sample, name)) ?? western
  const isWestern = best === western || best === 'ISO-8859-1' || isMerelyAccents(sample)
  const name = isWestern ? westernName(sample) : best
  return { name, others: alsoPossible(sample, name, whole) }
}
