// Finding an answer from its start to its end: decide, carry out, decide again. What is asked is kept in a file, all else
// in the run folders, so it can be stopped at any time and goes on in another process; several at once take turns.
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type AnswerRequest,
  type AnswerState,
  type AnswerStep,
  answerRequestSchema,
  makingOf,
} from '../contract/answer'
import type { WorkbenchApi } from '../contract/api'
import { asFault, Fault, fromData } from '../contract/fault'
import { isUnderWay, type RunSummary } from '../contract/run'
import { withFileLock } from '../dataset/file-lock'
import { homePaths } from '../train/home'
import { readFitting } from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'
import { openAnswers } from './answer'
import type { Context } from './context'
import { evaluateOptions } from './evaluate'
import type { RunIndex } from './run-index'

export type AnswerCalls = Pick<
  WorkbenchApi,
  'nextOfAnswer' | 'startAnswer' | 'stopAnswer' | 'answers'
>

/** What a session calls of the rest of the workbench. */
type Others = Pick<WorkbenchApi, 'startSweep' | 'resumeRun' | 'stopRun' | 'bits'>

/** Between two looks at the run under way, ms. */
const lookEvery = 300

/** What is next, and who does it: a run of this process, or one that another process trains already. */
interface Turn {
  readonly step: AnswerStep
  readonly run: string | null
  readonly awaited: string | null
}

/** The request of an answer's bits. */
const bitsOf = (id: string): string => `bits of ${id}`

/** Of a state that nobody has looked at. */
const unseen = { step: null, run: null, awaited: null, fault: null }

interface Session {
  state: AnswerState
  isStopping: boolean
}

export interface Answers {
  readonly calls: AnswerCalls
  /** keeps what is asked, for any process that finds it. @returns its sweep. Faults: those of nextOfAnswer */
  keep(request: AnswerRequest): Promise<string>
  /** ends what is under way; the queue stops its runs */
  close(): void
}

export function openAnswerSessions(
  context: Context,
  index: RunIndex,
  known: ReadonlySet<string>,
  others: Others,
): Answers {
  const next = openAnswers(context, index, known)
  const folder = homePaths(context.home).answers
  const sessions = new Map<string, Session>()

  const change = (session: Session, over: Partial<AnswerState>): void => {
    session.state = { ...session.state, ...over }
    context.emit('answerChanged', session.state)
  }

  /** The id of the run that carries a decision out. */
  const begin = async ({ sweep, next: found }: AnswerStep): Promise<string> => {
    if (found.kind === 'ended') throw new Fault('usage', 'it has ended', 'Ask something else.')
    const { resume, steps, spec } = found
    if (resume !== null) {
      const { step, spec: before } = await index.refresh(resume)
      const { finalTestBatches = 0 } = spec.training ?? {}
      const { prompts = 0, metricSamples = 0 } = spec.results ?? {}
      const results = { finalTestBatches, prompts, metricSamples }
      const isLonger = steps > step && steps > before.training.steps
      await others.resumeRun({ id: resume, steps: isLonger ? steps : 0, results })
      return resume
    }
    const axes = { models: [], datasets: [], tokens: [], seeds: [], untrained: false }
    const { runs } = await others.startSweep({
      sweep: { name: sweep, base: spec, ...axes },
      ...{ frozen: '', fit: false, again: true, single: true, atMost: null, shard: null },
    })
    return runs[0] ?? ''
  }

  /** Of all processes that find this answer one decides at a time, until its run is there for the others to see. */
  const turn = (session: Session): Promise<Turn> =>
    withFileLock(join(folder, `.${session.state.id}`), undefined, async () => {
      const { id, request } = session.state
      const step = await context.cancellable(makingOf(id), signal =>
        next(request, evaluateOptions(context, makingOf(id), signal)),
      )
      if (step.next.kind === 'ended' || session.isStopping)
        return { step, run: null, awaited: null }
      try {
        return { step, run: await begin(step), awaited: null }
      } catch (error) {
        if (asFault(error).code !== 'busy' || step.next.resume === null) throw error
        return { step, run: null, awaited: step.next.resume }
      }
    })

  /** @param isEnough looked at while it goes on */
  const ended = async (run: string, isEnough = () => false): Promise<RunSummary> => {
    while (true) {
      const summary = await index.refresh(run)
      const isOver = !isUnderWay(summary.state)
      if (isOver || isEnough()) return summary
      await new Promise(resolve => setTimeout(resolve, lookEvery))
    }
  }

  /** The answer with its bits, where there is a control to read them against. What cannot be read is no reason to fail. */
  const withBits = async ({ step, ...rest }: Turn, { state: { id, request } }: Session) => {
    if (step.pair === null) return { ...rest, step }
    const { run, control } = step.pair
    await others.bits({ request: bitsOf(id), id: run, control }).catch(() => undefined)
    return { ...rest, step: await next(request) }
  }

  /** Until it ends, is stopped, or a run fails in a way that says nothing of the behaviour. */
  const work = async (session: Session): Promise<void> => {
    while (!session.isStopping) {
      const now = await turn(session)
      const { step, run, awaited } = now
      if (step.next.kind === 'ended') {
        change(session, now)
        return change(session, { ...(await withBits(now, session)), kind: 'ended' })
      }
      change(session, now)
      if (awaited !== null) await ended(awaited, () => session.isStopping)
      if (run === null) continue
      // asked for while the run began: nothing was there to stop
      if (session.isStopping) await others.stopRun({ id: run })
      const { state } = await ended(run)
      // a way of training that diverges has lost the pilot; all else a person must fix
      if (state.kind === 'failed' && state.fault.code !== 'diverged') throw fromData(state.fault)
      if (state.kind === 'stopped' || state.kind === 'paused') break
    }
    change(session, { kind: 'stopped', run: null, awaited: null })
  }

  const write = async (id: string, request: AnswerRequest): Promise<void> => {
    await mkdir(folder, { recursive: true })
    await writeAtomically(join(folder, `${id}.json`), `${JSON.stringify(request, null, 2)}\n`)
  }

  const start = async (request: AnswerRequest): Promise<AnswerState> => {
    const step = await next(request)
    const id = step.sweep
    const running = sessions.get(id)
    if (running?.state.kind === 'running') return running.state
    await write(id, request)
    const state: AnswerState = { ...unseen, id, request, kind: 'running', step }
    const session: Session = { state, isStopping: false }
    sessions.set(id, session)
    work(session).catch(error => {
      const fault = asFault(error).toData()
      const isStopped = session.isStopping && fault.code === 'cancelled'
      const over = { run: null, awaited: null } as const
      if (isStopped) return change(session, { ...over, kind: 'stopped' })
      change(session, { ...over, kind: 'failed', fault })
    })
    return state
  }

  /** Those of earlier processes are stopped; whether they have ended is seen when they are started again. */
  const kept = async (): Promise<AnswerState[]> => {
    const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.json'))
    const read = names.map(async (name): Promise<AnswerState | undefined> => {
      const request = await readFitting(join(folder, name), answerRequestSchema)
      const id = name.slice(0, -'.json'.length)
      return request && { ...unseen, id, request, kind: 'stopped' }
    })
    return (await Promise.all(read)).filter(state => state !== undefined)
  }

  return {
    calls: {
      nextOfAnswer: next,
      startAnswer: start,
      stopAnswer: async ({ id }) => {
        const session = sessions.get(id)
        if (session === undefined || session.state.kind !== 'running') return null
        session.isStopping = true
        const { run } = session.state
        for (const request of [bitsOf(id), makingOf(id)]) context.cancel(request)
        if (run !== null) await others.stopRun({ id: run })
        return null
      },
      answers: async () => {
        const own = [...sessions.values()].map(({ state }) => state).reverse()
        return [...own, ...(await kept()).filter(({ id }) => !sessions.has(id))]
      },
    },
    keep: async request => {
      const { sweep } = await next(request)
      await write(sweep, request)
      return sweep
    },
    close: () => {
      for (const session of sessions.values()) session.isStopping = true
    },
  }
}
