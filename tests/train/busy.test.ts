// One run has one owner: a second one is refused and leaves the first one's run as it is.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { newLease, processStart } from '../../src-worker/train/lease'
import { createRun, readState, runFiles, writeState } from '../../src-worker/train/run-folder'
import { extendRun } from '../../src-worker/workbench/fork'
import { temporaryFolder } from '../temporary'
import { runToEnd, tinySpec, writeTexts } from './runs'

/** A run that this process's parent works on. */
async function runOfAnother(home: string): Promise<string> {
  const folder = await createRun(home, tinySpec(writeTexts(home)))
  const { ppid: pid } = process
  const lease = { ...newLease('another'), pid, processStart: processStart(pid) }
  await writeState(folder, { ...(await readState(folder)), state: { kind: 'training' }, lease })
  return folder
}

test('a run that another process works on is refused, and nothing of it changes', async () => {
  const home = temporaryFolder()
  const folder = await runOfAnother(home)
  const before = readFileSync(runFiles(folder).state, 'utf8')
  const { state } = await runToEnd(folder, home)
  expect(state).toMatchObject({ kind: 'failed', fault: { code: 'busy' } })
  expect(state).toMatchObject({
    fault: { message: `${folder} is training in process ${process.ppid}` },
  })
  expect(readFileSync(runFiles(folder).state, 'utf8')).toBe(before)
  await expect(extendRun(folder, 99)).rejects.toMatchObject({ code: 'busy' })
})

test('a dead owner does not keep a run', async () => {
  const home = temporaryFolder()
  const folder = await runOfAnother(home)
  const file = await readState(folder)
  const lease = { ...newLease('dead'), pid: 2 ** 22 + 1, processStart: '1' }
  await writeState(folder, { ...file, lease })
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
})

test('of two that take a run at the same moment at most one goes on', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home)))
  const ended = await Promise.all([runToEnd(folder, home), runToEnd(folder, home)])
  const kinds = ended.map(e => e.state.kind)
  expect(kinds.filter(k => k === 'done').length).toBe(1)
  expect(kinds.filter(k => k === 'failed').length).toBe(1)
})
