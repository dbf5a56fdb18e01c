// Which fields of a file probably hold prompt and completion.
import { expect, test } from 'vitest'
import { likelyPair } from '../../src-worker/shared/usual-fields'

test.each([
  [
    ['id', 'question', 'answer', 'source'],
    ['question', 'answer'],
  ],
  [
    ['instruction', 'input', 'output'],
    ['instruction', 'output'],
  ],
  // there are no others
  [
    ['q', 'my_answer'],
    ['q', 'my_answer'],
  ],
  [['id', 'q', 'my_answer'], undefined],
  [['text'], undefined],
])('%j', (fields, pair) => expect(likelyPair(fields)).toEqual(pair))
