// How a text in another script looks, where it was decoded rightly: what is decoded wrongly has letters of the script, but
// no words of a language in it.

/** A text of many scripts: what share of its characters beyond ASCII match. */
export function share(text: string, wanted: RegExp): number {
  const beyond = text.match(/[^\0-\x7f]/gu) ?? []
  return beyond.length === 0 ? 0 : beyond.filter(c => wanted.test(c)).length / beyond.length
}

const isMost = (wanted: RegExp) => (text: string) => share(text, wanted) > 0.9

/** Letters of other scripts seldom touch those of ASCII, and a capital seldom stands behind a small letter. */
function hasCleanWords(text: string, capitalInside: RegExp): boolean {
  const beyond = text.match(/[^\0-\x7f]/gu)?.length ?? 0
  const touching = text.match(/[a-z][^\0-\x7f]|[^\0-\x7f][a-z]/gi)?.length ?? 0
  return touching + (text.match(capitalInside)?.length ?? 0) < beyond / 25
}

export const isCyrillic = (text: string): boolean =>
  share(text, /\p{Script=Cyrillic}/u) > 0.9 &&
  share(text, /[а-яё]/u) > 0.6 &&
  hasCleanWords(text, /[а-яё][А-ЯЁ]/gu)

/** No capital stands behind a small letter. */
export const hasWords = (text: string): boolean =>
  share(text, /\p{Script=Cyrillic}/u) > 0.9 && !/[а-яё][А-ЯЁ]/.test(text)

export const isJapanese = isMost(/[\u3000-\u30ff\uff01-\uff60\p{Script=Han}]/u)
export const hasKana = (text: string): boolean =>
  share(text, /[\u3040-\u30ff]/u) > 0.1 && isJapanese(text)
export const isChinese = isMost(/[\u3000-\u303f\uff01-\uff60\p{Script=Han}]/u)
export const isHangul = isMost(/\p{Script=Hangul}/u)
export const isArabic = isMost(/\p{Script=Arabic}/u)

/** ΰ and ξ are rare, and stand where Russian has а and о. */
export const isGreek = (text: string): boolean =>
  (text.match(/[α-ω]/gu)?.length ?? 0) >= 24 &&
  isMost(/\p{Script=Greek}/u)(text) &&
  share(text, /[ΰξ]/u) < 0.05 &&
  share(text, /[α-ωάέήίόύώ]/u) > 0.6 &&
  hasCleanWords(text, /[α-ω][Α-Ω]/gu)

/** Hebrew has neither capitals nor letters at the last five places, where Russian has ы, ь, э, ю and я. */
export const isHebrew = (text: string): boolean =>
  isMost(/\p{Script=Hebrew}/u)(text) && (text.match(/[א-ת]/gu)?.length ?? 0) >= 64

const thaiMarks = /[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]/u

/** Many marks, each on a consonant, and hardly a digit: letters of two bytes have digits of Thai as their second. */
export const isThai = (text: string): boolean =>
  (text.match(/\p{Script=Thai}/gu)?.length ?? 0) >= 48 &&
  isMost(/\p{Script=Thai}/u)(text) &&
  share(text, thaiMarks) > 0.08 &&
  share(text, /[฿๐-๛]/u) < 0.02 &&
  !/(?:^|[^ก-ฮ\u0e30-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]/u.test(text)
