// Files that ended or froze the whole program once: each is a Fault in words, through the command line and through the
// engine, which answers on. tests/hostile holds them; the large ones are made here.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compress } from 'zstd-napi'
import { sweepSpecSchema } from '../../src-worker/contract/run-spec'
import { unhandledCount } from '../../src-worker/ports/unhandled'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { tinySpec, writeTexts } from '../train/runs'
import { openEngine } from '../workbench/open-engine'
import { here, refused } from './refused'

/** Whatever happened, nothing failed without anybody waiting for it. */
afterAll(() => expect(unhandledCount()).toBe(0))

const once = '--final-test-batches 1 --test-batches 1 --lanes 1 --accumulation 1 --steps 1'
const common = `${once} --results 1 --metric-samples 1`.split(' ')
const train = (data: string): string[] =>
  ['train', '--experiment', 'skip-tokens:2', '--model', referencePath('models/tiny-neox')].concat(
    ['--tokens', '2', '--data', data],
    common,
  )

test.each(['unhandled-5000409.parquet', 'fatal-v8.parquet'])(
  '%s: a damaged parquet file',
  async name => {
    const damaged = /bad-file: .*parquet is damaged|bad-file: .*is no parquet file that can be read/
    await refused(damaged, ...train(here(name)))
    const { call } = await openEngine(temporaryFolder(), 'thread')
    await expect(
      call('previewDataset', { path: here(name), field: '', count: 3 }),
    ).rejects.toMatchObject({ code: 'bad-file', fix: 'Get the file again.' })
    expect((await call('engineInfo', {})).pid).toBe(process.pid)
  },
  180_000, // V8 fills more than a gigabyte before it gives up
)

test('a snapshot of 712 bytes whose lists hold themselves', async () => {
  await refused(
    /bad-snapshot: .*it holds more than 1000000 values/,
    'convert',
    here('laugh.pt'),
    'x.safetensors',
  )
  const { call } = await openEngine(temporaryFolder(), 'thread')
  await expect(call('importSnapshot', { path: here('laugh.pt') })).rejects.toMatchObject({
    code: 'bad-snapshot',
  })
})

test('one JSON array of 390 MB in 35 KB: three rows of it, at once and in little memory', async () => {
  const { call } = await openEngine(temporaryFolder(), 'thread')
  const [began, before] = [performance.now(), process.memoryUsage().rss]
  const request = { path: here('arr.json.zst'), field: '', count: 3 }
  expect((await call('previewDataset', request)).rows).toEqual([{}, {}, {}])
  expect(performance.now() - began).toBeLessThan(5000)
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6)
})

/** One that `most` bytes more are not needed for. */
async function inMemory<T>(most: number, work: () => Promise<T>): Promise<T> {
  let highest = 0
  const before = process.memoryUsage().rss
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss - before)
  }, 20)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    expect(highest).toBeLessThan(most)
  }
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644', 100)
  header.write(size.toString(8).padStart(11, '0'), 124)
  header.write('0', 156)
  header.write('ustar', 257)
  header.fill(' ', 148, 156)
  header.write(
    `${header
      .reduce((a, b) => a + b, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return header
}

test('an archive of event files that are zeros: nothing of it is held', async () => {
  const file = join(temporaryFolder(), 'events.tar.zst')
  const size = 256 << 20
  const frames = [0, 1, 2, 3].flatMap(i => [
    compress(tarHeader(`r${i}/events.out.tfevents.1.x`, size)),
    compress(Buffer.alloc(size)),
  ])
  writeFileSync(file, Buffer.concat([...frames, compress(Buffer.alloc(1024))]))
  const { call } = await openEngine(temporaryFolder(), 'thread')
  await inMemory(400e6, () =>
    expect(call('importTensorboard', { path: file })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('holds no TensorBoard scalars'),
    }),
  )
  await refused(/bad-data: .*holds no TensorBoard scalars/, 'import', file)
})

test.each([
  [
    'a line of twenty million objects',
    'line.jsonl',
    () => `{"text":"x","a":[{}${',{}'.repeat(20e6)}]}\n`.repeat(2),
    /more than 1000000 values/,
  ],
  [
    'a record without end of its depth',
    'deep.jsonl',
    () => `{"text":"a","a":${'['.repeat(5e6)}${']'.repeat(5e6)}}\n`,
    /nested more than 1000 deep/,
  ],
  [
    'zeros without an end of line',
    'zeros.jsonl',
    () => Buffer.alloc(70 << 20),
    /longer than 64 MiB|not UTF-8|not JSON/,
  ],
] as const)('%s', async (_, name, content, words) => {
  const file = join(temporaryFolder(), `${name}.zst`)
  writeFileSync(file, compress(Buffer.from(content() as string)))
  await refused(words, ...train(file))
})

const tensors = (entries: string, bytes: number): Buffer => {
  const head = Buffer.from(entries)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  return Buffer.concat([length, head, Buffer.alloc(bytes)])
}
const f32 = (a: number, b: number): string =>
  `{"dtype":"F32","shape":[1],"data_offsets":[${a},${b}]}`
test.each([
  [
    'a hole',
    `{"a":${f32(0, 4)},"b":${f32(12, 16)}}`,
    16,
    /8 bytes between a and b are no tensor's/,
  ],
  [
    'a tensor named twice',
    `{"a":${f32(0, 4)},"\\u0061":${f32(4, 8)}}`,
    8,
    /its header names a twice/,
  ],
  [
    'a field named twice',
    `{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}`,
    4,
    /its header names dtype twice/,
  ],
] as const)('safetensors with %s', async (_, head, bytes, words) => {
  const file = join(temporaryFolder(), 'x.safetensors')
  writeFileSync(file, tensors(head, bytes))
  await refused(words, 'convert', file, 'y.safetensors')
})

test('pipes and devices are refused in words', async () => {
  const pipe = join(temporaryFolder(), 'pipe.jsonl')
  execFileSync('mkfifo', [pipe])
  await refused(/bad-file: .*pipe\.jsonl is a pipe, not a file/, ...train(pipe))
  await refused(/bad-file: \/dev\/zero is a device, not a file/, ...train('/dev/zero'))
  await refused(/bad-file: .*is a pipe, not a file/, 'convert', pipe, 'x.safetensors')
  await refused(/bad-file: \/dev\/zero is a device/, 'convert', '/dev/zero', 'x.safetensors')
  await refused(/bad-file: \/dev\/zero is a device/, 'import', '/dev/zero')
  await refused(
    /bad-file: \/dev\/zero has more than 16000000 bytes/,
    'train',
    '--spec',
    '/dev/zero',
  )
  const { call } = await openEngine(temporaryFolder(), 'thread')
  await expect(call('addDataset', { path: pipe, field: '' })).rejects.toMatchObject({
    code: 'bad-file',
  })
})

test('a run in the same engine trains on while others die of their files', async () => {
  const home = temporaryFolder()
  const { call, until } = await openEngine(home, 'thread')
  const spec = tinySpec(writeTexts(home), { training: { steps: 100_000 } })
  const { runs } = await call('startSweep', {
    sweep: sweepSpecSchema.parse({ base: spec }),
    frozen: '',
  })
  const id = runs[0]!
  const { step } = await until(id, run => run.step >= 2)
  const path = here('fatal-v8.parquet')
  await expect(call('previewDataset', { path, field: '', count: 3 })).rejects.toThrow(/parquet/)
  await until(id, run => run.step > step + 2 && run.state.kind === 'training')
  await call('stopRun', { id })
  await until(id, run => run.state.kind === 'stopped')
}, 180_000)
