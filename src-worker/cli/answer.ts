// spw answer: how many tokens does this behaviour need, found by itself. Stopped at any time, it goes on from the run folders.
import type { Command } from 'commander'
import { z } from 'zod'
import { analysisText } from '../analysis/text'
import { analysisOptionsSchema } from '../contract/analysis'
import type { AnswerRequest, AnswerStep } from '../contract/answer'
import { Fault } from '../contract/fault'
import { type Workbench, withWorkbench } from './engine'
import { codeOf, type Ended, followRuns } from './follow-runs'
import { sayJobs } from './jobs'
import { parsedFlags } from './parsed-options'
import { addSpecOptions, changesOf } from './spec-options'
import { action, durationText, exitCodes, type Terminal } from './terminal'

type Options = Record<string, unknown>

const flagsSchema = z.object({
  target: z.number().nullable(),
  within: z.number().gt(1),
  longest: z.int().min(1).max(1024),
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
    target: options.target === undefined ? null : Number(options.target),
    within: Number(options.within),
    longest: Number(options.longest),
  })
  const base = await changesOf(options)
  const budgetSeconds = options.budget === undefined ? null : secondsOf(String(options.budget))
  return { base, target, within, longest, budgetSeconds }
}

/** Carries out one decision. */
async function carriedOut(
  workbench: Workbench,
  { next, sweep }: AnswerStep,
  terminal: Terminal,
): Promise<readonly Ended[]> {
  if (next.kind === 'ended') return []
  const { api } = workbench
  if (next.resume !== null) {
    await api.resumeRun({ id: next.resume, steps: next.steps })
    return followRuns(workbench, [next.resume], terminal)
  }
  const axes = { models: [], datasets: [], tokens: [], seeds: [], untrained: false }
  const { runs } = await api.startSweep({
    sweep: { name: sweep, base: next.spec, ...axes },
    ...{ frozen: '', fit: false, again: true, single: true, atMost: null, shard: null },
  })
  return followRuns(workbench, runs, terminal)
}

async function say(workbench: Workbench, step: AnswerStep, terminal: Terminal): Promise<number> {
  const { next, runs, curve, measure, target, seconds, steps, control, sweep } = step
  const options = analysisOptionsSchema.parse({ includePublished: false })
  const analysis =
    curve.length === 0
      ? undefined
      : await workbench.api.analyse({ runs: curve, options, strict: false })
  const found = next.kind === 'ended' ? next.reason : ''
  const lines = [
    `${found} [${measure}, target ${target}]`,
    ...(control === null ? [] : [`Trained on shuffled completions it reaches ${control}.`]),
    `${runs.length} runs, ${steps} steps, ${durationText(seconds)} of training; report: spw report "${sweep}"`,
    ...(analysis === undefined ? [] : ['', analysisText(analysis)]),
  ]
  terminal.answer({ ...step, analysis }, lines.join('\n'))
  return exitCodes.done
}

async function answerCommand(terminal: Terminal, options: Options): Promise<number> {
  const request = await requestOf(options)
  return withWorkbench(async workbench => {
    let saidJobs = false
    while (true) {
      const step = await workbench.api.nextOfAnswer(request)
      if (!saidJobs) sayJobs(terminal, await workbench.api.jobs({}))
      saidJobs = true
      if (step.next.kind === 'ended') return say(workbench, step, terminal)
      terminal.say(`run ${step.runs.length + 1}: ${step.next.reason}`)
      const code = codeOf(await carriedOut(workbench, step, terminal))
      if (code === exitCodes.done) continue
      terminal.say('the same command goes on from here')
      return code
    }
  })
}

export function addAnswerCommand(program: Command): void {
  addSpecOptions(
    program
      .command('answer')
      .description(
        'how many soft prompt tokens a behaviour needs, found by itself: it decides each next run, and why',
      )
      .option('--target <t>', 'what the measure must reach; default: the behaviour’s own')
      .option('--within <factor>', 'ends when the interval’s ends are within this factor', '1.5')
      .option('--longest <n>', 'lengths beyond this are not tried', '256')
      .option('--budget <time>', 'ends after so much training, such as 2h, 15m or 90s'),
  ).action(action(answerCommand))
}
