// Where a character of a text lies among the text's tokens.
import { commonLength } from './common-length'

export interface TokenPlace {
  /** tokens that end before the character */
  readonly before: number
  /** whether the next token begins before it: it belongs to both sides */
  readonly isAcross: boolean
}

export interface PlacedText {
  readonly text: string
  /** the text's tokens */
  readonly ids: readonly number[]
  readonly encode: (text: string) => Promise<readonly number[]>
  /** where each of its tokens ends, in code points; 0: it is none of the text's */
  readonly ends: () => Promise<readonly number[]>
}

/**
 * The text before the character alone says it where it is cut into the same tokens. It may be cut otherwise from further ahead:
 * then the tokens that end before the character are counted. character: in UTF-16 units
 */
export async function tokenPlace(
  { text, ids, encode, ends }: PlacedText,
  character: number,
): Promise<TokenPlace> {
  if (character >= text.length) return { before: ids.length, isAcross: false }
  const alone = await encode(text.slice(0, character))
  const agreed = commonLength(alone, ids)
  if (agreed === alone.length) return { before: agreed, isAcross: false }
  const ended = await ends()
  const place = [...text.slice(0, character)].length
  const endOf = (i: number): number => ended[i] ?? 0
  let before = agreed
  while (before < ids.length && endOf(before) > 0 && endOf(before) <= place) before++
  return { before, isAcross: before === agreed || endOf(before - 1) < place }
}
