// One run from its folder to its end: prepare, train in run calls, test, save, sample. The caller iterates and may stop
// between any two updates; the folder is always in a state from which `resume` goes on.

import { asFault, Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import type { RunState } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { fromStateDict } from '../prompt/state-dict'
import { openRuntime } from '../session/provider'
import { writeAtomically } from '../weights/atomic'
import { dropCheckpointsAfter, latestCheckpoint } from './checkpoint'
import { dropTestsAfter } from './checkpoint-tests'
import { clearStopRequest, readStopRequest, type StopRequest } from './control'
import { trainerOptions } from './engine-options'
import { finish } from './finish'
import { deviceCheck, weightsCheck } from './first-check'
import {
  type Job,
  lineOf,
  type RunHost,
  type RunUpdate,
  StopRequested,
  streamOptions,
  throwIfStopRequested,
} from './job'
import { type LoopState, train } from './loop'
import { memoryTrade, roomOn } from './memory'
import { cutMetrics } from './metrics-file'
import { firstParameters } from './prepare'
import { type Enter, preparing } from './preparing'
import { writeProvenance } from './provenance'
import { openRecord, type RunRecord } from './record'
import { checkpointsOf, readSpec, runFiles } from './run-folder'
import { firstCheckpoint, saveCheckpoint } from './save'
import { initialState } from './state'
import { resultOf, testLoss } from './test-loss'
import { openTrainer } from './trainer'

export async function* executeRun(folder: string, host: RunHost): AsyncGenerator<RunUpdate> {
  let record: RunRecord
  try {
    record = await openRecord(folder, host.owner)
  } catch (error) {
    // another process works on it: their run goes on untouched
    yield { kind: 'state', state: { kind: 'failed', fault: asFault(error).toData() } }
    return
  }
  await clearStopRequest(folder)
  let update: RunState | undefined
  try {
    yield* work(folder, host, record)
    update = { kind: 'done' }
  } catch (error) {
    if (error instanceof StopRequested)
      update = { kind: error.stopRequest === 'pause' ? 'paused' : 'stopped' }
    else {
      const fault = asFault(error)
      record.log(`failed: ${fault.message}\n${error instanceof Error ? error.stack : ''}`)
      update = { kind: 'failed', fault: fault.toData() }
    }
  } finally {
    // also when the caller leaves the loop early
    await host.writeEvents(folder).catch(error => record.log(`TensorBoard: ${error.message}`))
    await clearStopRequest(folder)
    // a state that cannot be written is seen as interrupted, once this process has ended
    await record.end(update ?? { kind: 'stopped' }).catch(error => {
      if (update?.kind !== 'failed') update = { kind: 'failed', fault: asFault(error).toData() }
    })
  }
  if (update !== undefined) yield { kind: 'state', state: update }
}

async function* work(folder: string, host: RunHost, record: RunRecord): AsyncGenerator<RunUpdate> {
  const enter: Enter = async state => {
    await record.enter(state)
    return { kind: 'state', state }
  }
  yield await enter({ kind: 'preparing', doing: 'opening the model and the data' })
  const spec = await readSpec(folder)
  const stopRequest = (): StopRequest =>
    host.stopRequest() === 'go' ? readStopRequest(folder) : host.stopRequest()
  const checkStop = (): void => throwIfStopRequested(stopRequest())
  const prepared = yield* preparing(spec, host, {
    stopRequest,
    enter,
    log: line => record.log(line),
  })
  try {
    checkStop()
    await keepChosenField(folder, spec, prepared.data.report().field)
    const { threads } = host
    const { precision } = spec
    const { runtime, device } = await openRuntime(host.device ?? spec.device, {
      threads,
      precision,
    })
    yield await enter({ kind: 'preparing', doing: 'building the training program' })
    const trade = await memoryTrade(folder, spec, prepared.model, await roomOn(device))
    const { testsApart } = trade
    const options = trainerOptions(prepared, runtime, trade)
    const trainer = await openTrainer(options)
    try {
      const goesOn = (await checkpointsOf(folder)).length > 0
      await writeProvenance(folder, prepared, { device, goesOn, places: host })
      const job = { folder, host, prepared, record, trainer, testsApart, checkStop }
      const from = yield* startingPoint(job)
      if (device !== 'cpu' && prepared.shape.tokens > 0)
        yield* deviceCheck(job, options, from, enter)
      if (prepared.model.quantised !== undefined) yield* weightsCheck(job, options, from, enter)
      yield await enter({ kind: 'training' })
      const last = yield* trainingPart(job, from)
      yield await enter({ kind: 'testing' })
      yield* finish(job, last, { runtime, enter })
    } finally {
      await trainer.release()
    }
  } finally {
    await prepared.data.close()
  }
}

/** The last checkpoint of this very spec, or the seed's first parameters. */
async function* startingPoint({
  folder,
  prepared,
  record,
}: Job): AsyncGenerator<RunUpdate, LoopState> {
  const shape = prepared.shape
  const broken: string[] = []
  const found = await latestCheckpoint(
    folder,
    tensors => fromStateDict(shape, tensors),
    line => broken.push(line),
  )
  if (found === undefined) {
    for (const line of broken) record.log(line)
    if (broken.length > 0)
      throw new Fault(
        'bad-file',
        `none of the checkpoints of this run can be read: ${broken[0]}`,
        'Delete its checkpoints folder to start from the first step, or start a new run.',
      )
    await cutMetrics(folder, -1)
    const state = initialState(await firstParameters(prepared))
    return { state, tokens: 0, seconds: 0, stream: undefined }
  }
  const { step } = found.state
  await cutMetrics(folder, step, prepared.spec.training.steps)
  await dropCheckpointsAfter(folder, step)
  await dropTestsAfter(folder, step)
  for (const line of [...broken, `resumed at step ${step}`]) {
    record.log(line)
    yield { kind: 'log', line }
  }
  const restarts = [...record.now().restarts, step]
  await record.enter(record.now().state, { step, trainingSeconds: found.seconds, restarts })
  return found
}

async function* trainingPart(job: Job, from: LoopState): AsyncGenerator<RunUpdate, LoopState> {
  const { folder, prepared, record, trainer, host } = job
  const { spec, data } = prepared
  const { steps, testEvery, checkpointEvery } = spec.training
  let now = from
  if (from.state.step === 0 && steps > 0 && testEvery > 0) yield* testPart(job, now)
  if (from.state.step >= steps) return now
  const first = firstCheckpoint((await checkpointsOf(folder)).length > 0)
  const stream = data.train(from.stream as Parameters<typeof data.train>[0])
  try {
    for await (const { lines, overflowRetries, ...state } of train(spec, trainer, stream, now)) {
      now = state
      const { step } = now.state
      const left = ((steps - step) * (now.seconds - from.seconds)) / (step - from.state.step)
      await record.add(lines, { step, trainingSeconds: now.seconds, secondsLeft: left })
      if (overflowRetries > 0)
        record.log(`step ${step}: ${overflowRetries} times beyond float16, computed again`)
      yield { kind: 'metrics', lines }
      // the last point of the curve, too, unless the final test looks at the same data
      const isDue = step < steps ? step % testEvery === 0 : spec.data.validation
      if (testEvery > 0 && isDue) yield* testPart(job, now)
      const scheduled = checkpointEvery > 0 && step % checkpointEvery === 0
      if ((first.due() || scheduled) && step < steps) {
        await saveCheckpoint(job, now)
        first.written()
        await host.writeEvents(folder)
      }
      job.checkStop()
    }
  } catch (error) {
    // what was reached is kept: a stop is gone on from, a run that diverged is forked; other faults may lie in the state
    const diverged = error instanceof Fault && error.code === 'diverged'
    if (error instanceof StopRequested || (diverged && now.state.step > from.state.step))
      await saveCheckpoint(job, now)
    throw error
  } finally {
    await stream.close()
  }
  await saveCheckpoint(job, now)
  return now
}

async function* testPart(job: Job, now: LoopState): AsyncGenerator<RunUpdate> {
  const { prepared, record, trainer, testsApart } = job
  const { accumulation, testBatches } = prepared.spec.training
  if (testsApart) await trainer.only('tests')
  const stream = prepared.data.validation(streamOptions(job))
  try {
    const batches = testBatches * accumulation
    const { loss } = await resultOf(testLoss(trainer, now.state.parameters, stream, batches))
    const line = lineOf(now, { [tags.testLoss]: loss })
    await record.add([line], {})
    yield { kind: 'metrics', lines: [line] }
  } finally {
    await stream.close()
    if (testsApart) await trainer.only('training')
  }
}

/** The field that was found to hold the text stands in the spec from then on: a later look reads the same one. */
export async function keepChosenField(folder: string, spec: RunSpec, field: string): Promise<void> {
  if (spec.data.field !== '' || field === '') return
  const chosen = { ...spec, data: { ...spec.data, field } }
  await writeAtomically(runFiles(folder).spec, `${JSON.stringify(chosen, null, 2)}\n`)
}
