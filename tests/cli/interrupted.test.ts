// What comes between a run and its end from outside: Ctrl-C over a download, a second process, a home that cannot be written.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { newLease, processStart } from '../../src-worker/train/lease'
import { createRun, readState, writeState } from '../../src-worker/train/run-folder'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { tinySpec, writeTexts } from '../train/runs'
import { spw, start } from './spw'

const posix = process.platform !== 'win32'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>(done => server?.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const training = (data: string, steps = 2, tokens = 1): string[] => [
  ...['train', '--experiment', 'autoregressive', '--model', referencePath('models/tiny-neox')],
  ...[
    '--data',
    data,
    '--tokens',
    `${tokens}`,
    '--steps',
    `${steps}`,
    '--lanes',
    '2',
    '--length',
    '16',
  ],
  ...['--final-test-batches', '1', '--results', '0', '--metric-samples', '0', '--device', 'cpu'],
]

test.runIf(posix)(
  'one Ctrl-C ends a first download at once; resume goes on where it stopped',
  async () => {
    const home = temporaryFolder()
    const body = readFileSync(writeTexts(home))
    const asked: (string | undefined)[] = []
    // the first answer stops in the middle and says nothing more
    const url = await serve((request, response) => {
      asked.push(request.headers.range)
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const headers = { etag: '"one"', 'content-length': body.length - from }
      const range = { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }
      response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...range } : headers)
      if (from === 0) response.write(body.subarray(0, 5000))
      else response.end(body.subarray(from))
    })
    const run = await start(home, ...training(`${url}/texts.jsonl`))
    const part = (): string | undefined =>
      existsSync(join(home, 'datasets'))
        ? readdirSync(join(home, 'datasets')).find(n => n.endsWith('.part'))
        : undefined
    while (part() === undefined) await sleep(50)
    await sleep(500)
    const began = Date.now()
    run.child.kill('SIGINT')
    const { code, out } = await run.ended
    expect(code).toBe(130)
    expect(Date.now() - began).toBeLessThan(5000)
    expect(out).toContain('stopped after 0 s · go on with: spw resume ')
    expect(part()).toBeDefined()

    const [id] = readdirSync(join(home, 'runs'))
    expect((await readState(join(home, 'runs', id ?? ''))).state.kind).toBe('stopped')
    expect((await spw(home, 'resume', id ?? '')).code).toBe(0)
    expect(asked).toEqual([undefined, 'bytes=5000-'])
    expect(part()).toBeUndefined()
  },
  60_000,
)

test.runIf(posix)(
  'SIGTERM over the first cell of a sweep begins no other, however that one ends',
  async () => {
    const home = temporaryFolder()
    const [, ...options] = training(writeTexts(home), 40, 0)
    const of = options.map((option, i) =>
      options[i - 1] === '--tokens' ? ['0', '1', '2'] : [option],
    )
    const sweep = await start(home, 'sweep', ...of.flat())
    while (!/^run /m.test(sweep.said())) await sleep(20)
    sweep.child.kill('SIGTERM')
    expect((await sweep.ended).code).toBe(130)
    expect(readdirSync(join(home, 'runs')).length).toBeLessThanOrEqual(1)
  },
)

test('a second resume of a busy run says only that it is busy, and by whom', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home)))
  const lease = { ...newLease('another'), processStart: processStart(process.pid) }
  await writeState(folder, { ...(await readState(folder)), state: { kind: 'training' }, lease })
  const { code, out, err } = await spw(home, 'resume', folder)
  expect(code).toBe(1)
  expect(out + err).not.toMatch(/failed|after \d/)
  expect(err).toContain(`busy: ${folder} is training in process ${process.pid}\nWait until`)
})

test('a home that is a file, or cannot be made: one fault with the path and SPW_HOME', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const texts = writeTexts(folder)
  for (const home of [file, join(file, 'below')]) {
    const { code, err } = await spw(home, ...training(texts))
    expect(code).toBe(1)
    expect(err).toContain(`disk: ${join(home, 'runs')}`)
    expect(err).toMatch(/cannot be written: .*\nAllow writing there, .*SPW_HOME/)
  }
})

/** A disk of its own at a folder, where the rights to make one are there. */
function smallDisk(folder: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}

test('a read-only disk: one fault with the path and the fix', async () => {
  const home = temporaryFolder()
  const texts = writeTexts(temporaryFolder())
  // who may not make a disk may not write into such a folder either
  const isDisk = smallDisk(home, 'size=1m,ro')
  if (!isDisk) chmodSync(home, 0o555)
  try {
    const { code, err } = await spw(home, ...training(texts))
    expect(code).toBe(1)
    expect(err).toMatch(
      /disk: .*runs.* cannot be written: (the disk is read-only|its folder).*\nAllow/,
    )
    expect((await spw(home, 'runs')).out).toContain('No runs yet')
  } finally {
    if (isDisk) execFileSync('umount', [home])
    else chmodSync(home, 0o755)
  }
})

test('a disk that fills up fails the run with a fault; with space again it goes on', async context => {
  const home = temporaryFolder()
  if (!smallDisk(home, 'size=400k')) return context.skip('only who may mount can make a small disk')
  const outside = temporaryFolder()
  const args = [...training(writeTexts(outside), 60, 64), '--checkpoint-every', '10']
  try {
    const { code, err, out } = await spw(home, ...args)
    expect(code, out + err).toBe(1)
    expect(err).toMatch(/disk: .*cannot be written: no space is left.*ENOSPC\)\nFree some space/)
    const [run = ''] = readdirSync(join(home, 'runs'))
    execFileSync('mount', ['-o', 'remount,size=64m', home])
    const resumed = await spw(home, 'resume', run, '--json')
    expect(resumed.code, resumed.err).toBe(0)
    const { restarts } = await readState(join(home, 'runs', run))
    expect(restarts.at(-1)).toBeGreaterThanOrEqual(10)
    const whole = await spw(outside, ...args, '--json')
    expect(JSON.parse(resumed.out).finalTestLoss).toBe(JSON.parse(whole.out).finalTestLoss)
  } finally {
    execFileSync('umount', [home])
  }
})
