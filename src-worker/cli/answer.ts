// spw answer: how many tokens does this behaviour need, found by itself. Stopped at any time, it goes on from the run folders.

import type { Command } from 'commander'
import { z } from 'zod'
import { analysisText, lengthsText } from '../analysis/text'
import { analysisOptionsSchema } from '../contract/analysis'
import {
  type AnswerRequest,
  type AnswerState,
  type AnswerStep,
  answerRequestSchema,
  makingOf,
} from '../contract/answer'
import { bitsText } from '../contract/elicitation'
import { exampleText } from '../contract/example-text'
import { Fault, fromData } from '../contract/fault'
import { counted } from '../shared/counted'
import { type Workbench, withWorkbench } from './engine'
import { followRuns } from './follow-runs'
import { addSlurmOptions, sayJobs, submitAnswer } from './jobs'
import { numberFrom, parsedFlags } from './parsed-options'
import { addSpecOptions, changesOf } from './spec-options'
import { onStopSignal } from './stop-signal'
import { action, durationText, exitCodes, type Terminal } from './terminal'

type Options = Record<string, unknown>

const flagsSchema = z.object({
  target: answerRequestSchema.shape.target,
  within: answerRequestSchema.shape.within,
  longest: answerRequestSchema.shape.longest,
})
const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 }

/** '2h', '15m', '90s' in seconds. Faults: usage. */
export function secondsOf(text: string): number {
  const found = /^(\d*\.?\d+)\s*(s|m|min|h)$/.exec(text.trim())
  const seconds = Number(found?.[1]) * (unitSeconds[found?.[2] ?? ''] ?? Number.NaN)
  if (seconds > 0) return seconds
  throw new Fault('usage', `--budget ${text} is no time`, 'Write a time such as 2h, 15m or 90s.')
}

async function requestOf(options: Options): Promise<AnswerRequest> {
  const { target, within, longest } = parsedFlags(flagsSchema, {
    target: options.target === undefined ? null : numberFrom('target', String(options.target)),
    within: Number(options.within),
    longest: Number(options.longest),
  })
  const base = await changesOf(options)
  const budgetSeconds = options.budget === undefined ? null : secondsOf(String(options.budget))
  const text = (value: unknown): string => (value === undefined ? '' : String(value))
  const [reference, textPrompt] = [text(options.reference), text(options.textPrompt)]
  return { base, target, reference, textPrompt, within, longest, budgetSeconds }
}

async function say(workbench: Workbench, step: AnswerStep, terminal: Terminal): Promise<number> {
  const { runs, curve, measure, target, seconds, steps, sweep, elicited, verdict } = step
  const options = analysisOptionsSchema.parse({ includePublished: false })
  const analysis =
    curve.length === 0
      ? undefined
      : await workbench.api.analyse({ runs: curve, options, strict: false })
  const rest =
    analysis === undefined
      ? []
      : ['', elicited === null ? analysisText(analysis) : lengthsText(elicited, analysis)]
  const example = elicited === null ? '' : exampleText(elicited)
  const lines = [
    ...verdict,
    ...(example === '' ? [] : [example]),
    ...(elicited === null ? [] : [bitsText(elicited)]),
    `[${measure}${target === null ? '' : `, target ${Number(target.toPrecision(4))}`}] ` +
      `${counted(runs.length, 'run')}, ${counted(steps, 'step')}, ${durationText(seconds)} of training; report: spw report "${sweep}"`,
    ...rest,
  ]
  terminal.answer({ ...step, analysis }, lines.join('\n'))
  return exitCodes.done
}

const left = ({ secondsLeft }: AnswerStep): string =>
  secondsLeft === null ? '' : ` (about ${durationText(secondsLeft)} of training left)`

/** 'run 7'; of one that was there before, 'run 3 goes on'. */
function whichRun({ next, runs }: AnswerStep): string {
  const before = next.kind === 'run' && next.resume !== null ? runs.indexOf(next.resume) : -1
  return before < 0 ? `run ${runs.length + 1}` : `run ${before + 1} goes on`
}

/** Shows decisions and runs until the answer ends, is stopped or fails. */
async function followed(
  workbench: Workbench,
  request: AnswerRequest,
  terminal: Terminal,
): Promise<AnswerState> {
  const { api } = workbench
  let following: Promise<unknown> = Promise.resolve()
  let shown = ''
  let unsubscribe = (): void => undefined
  let id = ''
  const over = new Promise<AnswerState>(resolve => {
    unsubscribe = workbench.on({
      progress: ({ request: of, doing, fraction }) => {
        if (of === makingOf(id)) terminal.progress(doing, fraction)
      },
      answerChanged: state => {
        const { step, run, kind, awaited } = state
        if (kind !== 'running') resolve(state)
        else if (step?.next.kind === 'ended')
          terminal.say(
            step.pair === null
              ? 'it has ended'
              : 'it has ended; what it gained is read in bits, against its control',
          )
        else if (awaited !== null)
          terminal.say(`run ${awaited} is another process's; waiting for it`)
        else if (step !== null && run !== null && `${run} ${step.steps}` !== shown) {
          shown = `${run} ${step.steps}`
          terminal.say(`${whichRun(step)}: ${step.next.reason}${left(step)}`)
          following = following.then(() => followRuns(workbench, [run], terminal))
        }
      },
    })
  })
  id = (await api.startAnswer(request)).id
  const unhear = onStopSignal(() => {
    api.stopAnswer({ id }).catch(error => terminal.say(String((error as Error).message)))
  })
  try {
    const state = await over
    await following
    return state
  } finally {
    unhear()
    unsubscribe()
  }
}

async function answerCommand(terminal: Terminal, options: Options): Promise<number> {
  const request = await requestOf(options)
  if (options.slurm === true)
    return withWorkbench(({ api }) => submitAnswer(api, terminal, request, options))
  return withWorkbench(async workbench => {
    sayJobs(terminal, await workbench.api.jobs({}))
    const { step, kind, fault } = await followed(workbench, request, terminal)
    if (fault !== null) throw fromData(fault)
    if (kind === 'ended' && step !== null) return say(workbench, step, terminal)
    terminal.say('the same command goes on from here')
    return exitCodes.interrupted
  })
}

export function addAnswerCommand(program: Command): void {
  const command = program.command('answer')
  addSpecOptions(
    command
      .description(
        'how many soft prompt tokens a behaviour needs, found by itself: it decides each next run, and why',
      )
      .option('--target <t>', 'what the measure must reach; default: the behaviour’s own')
      .option('--within <factor>', 'ends when the interval’s ends are within this factor', '1.5')
      .option('--longest <n>', 'lengths beyond this are not tried', '64')
      .option('--reference <model>', 'a model or a run that the target is read against')
      .option(
        '--text-prompt <text>',
        'a text in place of a soft prompt, measured beside the baselines',
      )
      .option('--budget <time>', 'ends after so much training, such as 2h, 15m or 90s'),
  )
  addSlurmOptions(command, 'it').action(action(answerCommand))
}
