// What ends `npm start` or `npm run bench` ends what it started.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { processExists } from '../../src-worker/weights/this-machine'

const module = pathToFileURL(resolve(import.meta.dirname, '../../.ci/foreground.mjs')).href

const started = (child: string, signals: string) =>
  spawn(
    process.execPath,
    [
      ...['--input-type=module', '-e'],
      `import { foreground } from '${module}'
      const { status, signal } = await foreground(process.execPath, ['-e', ${JSON.stringify(child)}], {}, ${signals})
      process.exit(signal === null ? status : 9)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )

const waiting = 'console.log(process.pid); setTimeout(() => {}, 60000)'

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends both', async signal => {
  const parent = started(waiting, 'undefined')
  const [line] = await once(parent.stdout, 'data')
  parent.kill(signal)
  expect(await once(parent, 'close')).toEqual([9, null])
  await expect.poll(() => processExists(Number(String(line)))).toBe(false)
})

test('a signal that the terminal gives by itself is waited for; the exit code is the program’s', async () => {
  const parent = started('console.log(1); setTimeout(() => process.exit(3), 400)', "['SIGTERM']")
  await once(parent.stdout, 'data')
  parent.kill('SIGINT')
  expect(await once(parent, 'close')).toEqual([3, null])
})
