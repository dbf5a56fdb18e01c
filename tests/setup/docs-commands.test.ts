// The longer commands of the documents, run as they stand there on the bundled models, with their placeholders filled in and
// only as much work as a test has time for. A row names its line; a line that the documents lost fails.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { spw } from '../cli/spw'
import { temporaryFolder } from '../temporary'
import { writeTexts } from '../train/runs'

/** Two steps on small batches: a second or two. */
const small = [
  ...['--steps', '2', '--lanes', '4', '--length', '48', '--final-test-batches', '1'],
  ...['--test-every', '0', '--results', '1', '--result-tokens', '4', '--metric-samples', '2'],
  ...['--device', 'cpu'],
]

interface Row {
  readonly page: string
  /** as it stands there */
  readonly line: string
  /** words of the line that stand for something */
  readonly filled?: Readonly<Record<string, string>>
  readonly more?: readonly string[]
  readonly says: RegExp
}

/** In their order: each finds what those before it made. */
const rows = (run: string, home: string): readonly Row[] => [
  {
    page: 'cli.md',
    line: 'spw train --experiment skip-tokens:2 --model DIR --data FILE --tokens 16',
    filled: { DIR: 'workbench-demo-base', FILE: join(home, 'texts.jsonl') },
    more: [...small, '--name', 'first'],
    says: /final test/i,
  },
  { page: 'cli.md', line: 'spw runs', says: /first/ },
  { page: 'cli.md', line: 'spw show RUN', filled: { RUN: run }, says: /skip-tokens/ },
  {
    page: 'cluster.md',
    line: 'spw report first',
    more: ['--out', join(home, 'report')],
    says: /report/,
  },
  { page: 'files.md', line: 'spw doctor', says: /./ },
  { page: 'files.md', line: 'spw doctor --fix', says: /./ },
  {
    page: 'your-own-behaviour.md',
    line: 'spw answer --experiment custom --model workbench-demo-base --data pairs.jsonl',
    filled: { 'pairs.jsonl': join(home, 'pairs.jsonl') },
    more: [...small, '--longest', '1', '--within', '8', '--budget', '1s'],
    says: /tokens/,
  },
  { page: 'troubleshooting.md', line: 'spw devices', says: /cpu/i },
]

const commandsIn = (page: string): string =>
  readFileSync(join('docs', page), 'utf8')
    .replace(/\\\n\s*/g, ' ')
    .replace(/npx spw/g, 'spw')

test('the longer commands of the documents run', async () => {
  const home = temporaryFolder()
  const pairs = Array.from({ length: 80 }, (_, i) => ({ prompt: `Q${i} is`, completion: ` ${i}` }))
  writeTexts(home)
  writeFileSync(join(home, 'pairs.jsonl'), pairs.map(pair => JSON.stringify(pair)).join('\n'))
  for (const i of rows('', home).keys()) {
    const [run = ''] = readdirSync(home).includes('runs') ? readdirSync(join(home, 'runs')) : []
    const { page, line, filled = {}, more = [], says } = rows(run, home)[i]!
    expect(commandsIn(page), `${page}: ${line}`).toContain(line)
    const words = line.split(' ').slice(1)
    const { code, out, err } = await spw(home, ...words.map(word => filled[word] ?? word), ...more)
    expect(`${line} ${code}${code === 0 ? '' : ` ${err}${out}`}`).toBe(`${line} 0`)
    expect(out + err, line).toMatch(says)
  }
}, 240_000)
