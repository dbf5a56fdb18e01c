// Words that stand in no source, screen or document: each has a plain one beside it. Identifiers count word by word.
import { expect, test } from 'vitest'
import { files, textOf } from './setup/source-tree'

/** word → the one to use */
const plain: Readonly<Record<string, string>> = {
  told: 'reported, given',
  whoever: 'the caller, any process',
  mend: 'fix',
  mends: 'fixes',
  mended: 'fixed',
  wish: 'stop request',
  wishes: 'stop requests',
  wished: 'requested',
  speaker: 'prompted model',
  speakers: 'prompted models',
  stretches: 'run calls',
  tally: 'bad record limit, score',
  silence: 'idle timeout',
  conductor: 'data loader',
  preparer: 'tokenizer worker',
  preparers: 'tokenizer workers',
  carrier: 'transport',
  shelf: 'library',
  recipe: 'data pipeline',
  recipes: 'data pipelines',
  doubt: 'warning',
  doubts: 'warnings',
  doubtful: 'warned, has a warning',
  heard: 'requested, listeners',
}
const phrases = [
  'nobody looks',
  'carryOut',
  'haltIf',
  'stretchLength',
  'Lanes a step',
  'mend it to start',
  'Draw the window without the GPU',
  'Ways through a maze',
  'checkedFlags',
  '.early(',
  '.late(',
  'example.pieces',
  'interface Ahead',
]
/** Names that are on disk, or the subject of the file. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'src-worker/train/control.ts': ['wish'],
  'src-renderer/stores/playground.ts': ['speaker'],
  // a file of the reference
  'src-worker/verify/batches.ts': ['preparers'],
}

const texts = files.filter(
  file =>
    /^(src-[a-z]+|bench)\/.*\.(ts|vue|css|html)$|^[A-Z]+\.md$|^docs\/|^resources\/[^/]*\.md$/.test(
      file,
    ) && textOf(file) !== '',
)
/** 'stopRequest' → 'stop', 'request' */
const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z]+/g),
  )

test('sources, screens and documents are found', () => {
  expect(texts.length).toBeGreaterThan(500)
  expect(wordsOf('const tellWhoever = isWished')).toContain('whoever')
})

test('no word of our own stands where the field has one', () => {
  const found = texts.flatMap(file => {
    const words = wordsOf(textOf(file))
    return Object.entries(plain)
      .filter(([word]) => words.has(word) && !allowed[file]?.includes(word))
      .map(([word, better]) => `${file}: "${word}", better: ${better}`)
  })
  expect(found).toEqual([])
})

/** Words that stood for several things: a type of that name alone, without what it is of, is declared once at most. */
test.each(['Prepared', 'Lane', 'Step', 'Rows', 'Measured', 'EmbeddingRows'])(
  'a type %s is one thing',
  name => {
    const declared = new RegExp(`^(export )?(interface|type|class) ${name}\\b`, 'm')
    expect(texts.filter(file => declared.test(textOf(file))).length).toBeLessThanOrEqual(1)
  },
)

test.each(phrases)('"%s" is not said', phrase => {
  expect(texts.filter(file => textOf(file).includes(phrase))).toEqual([])
})
