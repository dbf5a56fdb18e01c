// Every reader of files that come from outside or may be damaged, with sound files to begin from.
// This file is long because it is the one table of all readers.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { compress } from 'zstd-napi'
import { readTensorboard } from '../../src-worker/analysis/tensorboard-import'
import { readGameCache } from '../../src-worker/behaviours/chess/cache'
import { openGames } from '../../src-worker/behaviours/chess/pgn'
import { gameFilterSchema } from '../../src-worker/contract/experiment-spec'
import { Fault } from '../../src-worker/contract/fault'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { chatRenderer } from '../../src-worker/dataset/chat-template'
import { readInspectLog } from '../../src-worker/dataset/inspect-log'
import { preview } from '../../src-worker/dataset/preview'
import { openTriedTokenizer } from '../../src-worker/dataset/tried-tokenizer'
import { readSharedObject } from '../../src-worker/gpu/elf'
import { readPage } from '../../src-worker/gpu/package-page'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { readCheckpoint } from '../../src-worker/train/checkpoint'
import { readEvaluations } from '../../src-worker/train/evaluations'
import { readSettings } from '../../src-worker/train/home'
import { readMetrics } from '../../src-worker/train/metrics-file'
import { readLabel, readSpec, readState } from '../../src-worker/train/run-folder'
import { readObject } from '../../src-worker/weights/json'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { readSafetensorsHeader, readTensor } from '../../src-worker/weights/safetensors'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { openZip, ZipRefused } from '../../src-worker/weights/zip'
import { readTable } from '../../src-worker/workbench/metric-cache'
import { fakeLibrary } from '../gpu/fake-library'
import { jsonForms } from './json-forms'

export interface Reader {
  readonly name: string
  /** sound files, by the name that their damaged copies get */
  readonly corpus: readonly (readonly [name: string, bytes: Uint8Array])[]
  /** reads the file, which lies alone in a folder of its own */
  read(path: string): Promise<unknown>
  /** it starts a process for each file: a few cases of it stand beside thousands of the others */
  readonly slow?: boolean
}

const file = (path: string): Uint8Array => readFileSync(path)
/** By the working directory: a bundle lies elsewhere than its sources. */
const reference = (...parts: string[]): Uint8Array => file(join('tests/reference', ...parts))
const hostile = (name: string): Uint8Array => file(join('tests/hostile', name))
const text = (letters: string): Uint8Array => Buffer.from(letters)

const jsonl = text(
  Array.from({ length: 12 }, (_, i) =>
    JSON.stringify({
      text: `line ${i} é`,
      meta: { n: i, x: [1.5, null] },
      prompt: 'a',
      completion: 'b',
    }),
  ).join('\n'),
)
const csv = text('text,label\n"a, ""quoted""\nline",1\nsay "hi",2\r\n"x"y,3\r5" z,4\n')
const pgn = text(
  `[Event "Rated Blitz game"]\n[WhiteElo "1500"]\n[BlackElo "1600"]\n[Result "1-0"]\n[TimeControl "300+0"]\n\n` +
    `1. e4 { [%eval 0.1] } e5 2. Nf3 (2. d4 exd4) Nc6 $1 3. Bb5 a6?! 4. Ba4 1-0\n\n`.repeat(1),
)
const template =
  '{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}{% if loop.last %}{{ eos_token }}{% endif %}{% endfor %}'
const spec = {
  ...{ experiment: { kind: 'skip-tokens', skip: 2 }, model: 'm', data: { path: 'demo' } },
  ...{ prompt: { type: 'direct', tokens: 3 }, training: { steps: 4, lanes: 2 } },
}
const metrics = text(
  Array.from({ length: 9 }, (_, i) =>
    JSON.stringify({ step: i, tokens: 9 * i, seconds: i, time: i, values: { Loss: 3 - i / 9 } }),
  ).join('\n') + '\n',
)

const all = async (rows: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of rows);
}
const data = (name: string, bytes: Uint8Array, slow = false): Reader => ({
  name: `dataset ${name}`,
  corpus: [[name, bytes]],
  read: path => preview(path, 5),
  ...(slow && { slow }),
})
/** A file of a run's folder. */
const ofRun = (name: string, bytes: Uint8Array, read: (folder: string) => unknown): Reader => ({
  name: `run ${name}`,
  corpus: [[name, bytes]],
  read: async path => read(dirname(path)),
})
const snapshots = ['direct_p5.pt', 'direct_p5_legacy.pt']

/** A model folder of which one file is damaged. */
const ofModel = (name: string, read: (folder: string) => unknown, slow = false): Reader => ({
  name: `model ${name}`,
  corpus: [[name, reference('models', 'tiny-llama', name)]],
  read: async path => {
    const folder = dirname(path)
    for (const other of [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'model.safetensors',
    ])
      if (other !== name)
        writeFileSync(join(folder, other), reference('models', 'tiny-llama', other))
    return read(folder)
  },
  ...(slow && { slow }),
})

/** @param made sound files that are written by the program itself */
export function readers(made: Readonly<Record<string, Uint8Array>>): readonly Reader[] {
  const own = (name: string): Uint8Array => made[name] ?? new Uint8Array()
  return [
    {
      name: 'safetensors',
      corpus: [['a.safetensors', own('snapshot.safetensors')]],
      read: async path => {
        const { tensors } = await readSafetensorsHeader(path)
        for (const entry of tensors.values()) await readTensor(entry)
      },
    },
    {
      name: 'snapshot',
      corpus: [['a.safetensors', own('snapshot.safetensors')]],
      read: openSnapshot,
    },
    {
      name: 'snapshot .pt',
      corpus: [
        ...snapshots.map(name => ['a.pt', reference('snapshots', name)] as const),
        ['a.pt', hostile('laugh.pt')],
      ],
      read: openSnapshot,
    },
    {
      name: 'checkpoint',
      corpus: [['step-000002.safetensors', own('checkpoint.safetensors')]],
      read: path => readCheckpoint(path, tensors => tensors),
    },
    ofModel('config.json', openModelFolder),
    ofModel('model.safetensors', openModelFolder),
    ofModel('tokenizer.json', folder => openTriedTokenizer(folder, join(folder, 'home')), true),
    ofModel(
      'tokenizer_config.json',
      folder => openTriedTokenizer(folder, join(folder, 'home')),
      true,
    ),
    {
      name: 'chat template',
      corpus: [
        ['t.jinja', text(template)],
        ...Object.values(
          JSON.parse(readFileSync('tests/hostile/templates.json', 'utf8')) as Record<
            string,
            string
          >,
        ).map(t => ['t.jinja', text(t)] as const),
      ],
      read: async path =>
        chatRenderer(
          readFileSync(path, 'utf8'),
          { eos_token: '</s>' },
          'm',
        )([{ role: 'user', content: 'hello' }]),
    },
    data('a.jsonl', jsonl),
    data('a.json', text(`[${Buffer.from(jsonl).toString().split('\n').join(',')}]`)),
    { name: 'dataset forms of JSON', corpus: jsonForms, read: path => preview(path, 5) },
    data('a.csv', csv),
    data('a.tsv', text('text\tlabel\na\t1\n')),
    data('a.txt', text('some text\n\nmore text \r\n'.repeat(5))),
    data('a.jsonl.gz', gzipSync(jsonl)),
    data('a.jsonl.zst', compress(Buffer.from(jsonl))),
    data('a.json.zst', hostile('arr.json.zst')),
    data('rows.parquet', file('tests/dataset/fixtures/rows-zstd.parquet'), true),
    {
      name: 'games',
      corpus: [
        ['a.pgn', pgn],
        ['a.pgn.gz', gzipSync(pgn)],
        ['a.pgn.zst', compress(Buffer.from(pgn))],
      ],
      read: async path => all((await openGames(path, gameFilterSchema.parse({}))).batches()),
    },
    {
      name: 'games cache',
      corpus: [['index.json', own('index.json')]],
      read: async path => {
        writeFileSync(join(dirname(path), 'games-0000.bin'), own('games-0000.bin'))
        return all((await readGameCache(dirname(path))).games())
      },
    },
    {
      name: 'TensorBoard',
      corpus: [['events.out.tfevents.1', own('events.out.tfevents')]],
      read: readTensorboard,
    },
    {
      name: 'TensorBoard archive',
      corpus: [
        ['logs.zip', own('logs.zip')],
        ['logs.tar', own('logs.tar')],
        ['logs.tar.zst', compress(Buffer.from(own('logs.tar')))],
        ['logs.tar.gz', gzipSync(own('logs.tar'))],
      ],
      read: readTensorboard,
    },
    {
      name: 'Inspect log',
      corpus: [
        ['a.eval', file('tests/dataset/fixtures/inspect/small.eval')],
        ['a.json', file('tests/dataset/fixtures/inspect/small.json')],
      ],
      read: readInspectLog,
    },
    ofRun('evaluations.json', text('[]'), folder =>
      readEvaluations(join(folder, 'evaluations.json')),
    ),
    ofRun('metrics.jsonl', metrics, folder => all(readMetrics(folder))),
    ofRun('spec.json', own('spec.json'), readSpec),
    ofRun('label.json', own('label.json'), readLabel),
    ofRun('state.json', own('state.json'), readState),
    {
      name: 'metric cache',
      corpus: [['r.columns', own('r.columns')]],
      read: readTable,
    },
    {
      name: 'settings',
      corpus: [['settings.json', text('{"theme":"dark","threads":2,"modelFolders":["/a"]}')]],
      read: async path => readSettings(dirname(path)),
    },
    {
      name: 'spec file',
      corpus: [['s.json', text(JSON.stringify(spec))]],
      read: async path => resolveSpec((await readObject(path)) as RunSpecInput),
    },
    {
      name: 'zip',
      corpus: [['a.whl', own('logs.zip')]],
      read: async path => {
        try {
          const zip = await openZip(path)
          for await (const entry of zip.entries()) await all(entry.read())
          zip.close()
        } catch (error) {
          // its callers make this the fault of their file
          if (!(error instanceof ZipRefused)) throw error
          throw new Fault('bad-file', error.message, 'Get the file again.', { cause: error })
        }
      },
    },
    {
      name: 'shared object',
      corpus: [
        ['a.so', fakeLibrary({ soname: 'liba.so', needed: ['libb.so.1'], runpath: '$ORIGIN' })],
      ],
      read: readSharedObject,
    },
    {
      name: 'package page',
      corpus: [
        [
          'p.html',
          text(
            '<a href="a-1.0-py3-none-any.whl#sha256=00" data-yanked="">a-1.0-py3-none-any.whl</a>',
          ),
        ],
        [
          'p.json',
          text('{"files":[{"filename":"a-1.0.whl","url":"a","hashes":{"sha256":"00"},"size":3}]}'),
        ],
      ],
      read: async path => {
        try {
          return readPage(
            readFileSync(path, 'utf8'),
            path.endsWith('json') ? 'application/vnd.pypi.simple.v1+json' : 'text/html',
            'https://host/simple/a/',
          )
        } catch (cause) {
          // as its caller does (package-index.ts)
          throw new Fault('network', 'it is no page of an index', 'Check the address.', { cause })
        }
      },
    },
  ]
}

/** A fresh folder with one file. */
export function placed(folder: string, name: string, bytes: Uint8Array): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
