// A real completion in words: what stands beside an answer.
import type { Elicitation } from './elicitation'

/** The end of what stands before, so that a line shows where the model goes on. */
const tail = (text: string, most: number): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > most ? `…${line.slice(-most)}` : line
}
const head = (text: string, most: number): string => {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > most ? `${line.slice(0, most)}…` : line
}

/** A real completion in words; empty: none was written. */
export function exampleText({ example }: Elicitation): string {
  if (example === null) return ''
  const { prompt, bare, prompted, expected, number: place, of } = example
  const chosen =
    place === 1
      ? `(The first of ${of} held-out prompts.)`
      : `(Number ${place} of ${of} held-out prompts: those before it could show no difference.)`
  const wanted = expected === '' ? '' : ` Expected: “${head(expected, 60)}”.`
  return `After “${tail(prompt, 60)}”: without the prompt “${head(bare, 60)}”, with it “${head(prompted, 60)}”.${wanted} ${chosen}`
}
