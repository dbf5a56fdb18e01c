// spw devices, plan: what there is to compute with, and what a sweep would take of it.

import type { Command } from 'commander'
import { faultText } from '../contract/fault'
import { type Plan, partsText } from '../contract/plan'
import { counted } from '../shared/counted'
import { withWorkbench } from './engine'
import { addSpecOptions, sweepOf } from './spec-options'
import { action, bytesText, durationText, type Terminal, table } from './terminal'

async function devicesCommand(terminal: Terminal): Promise<number> {
  const devices = await withWorkbench(({ api }) => api.devices({}))
  const rows = devices.map(d => [
    d.id,
    d.name,
    bytesText(d.memoryBytes),
    bytesText(d.freeBytes),
    d.driver,
    d.fault === null ? 'ready' : faultText(d.fault),
  ])
  terminal.answer(devices, table(rows, ['device', 'name', 'memory', 'free', 'driver', 'state']))
  return 0
}

/** Bytes of each part, what the time is spent on, what differs from the paper; nothing where no run of the plan can start. */
function planLines(plan: Plan): readonly string[] {
  if (!plan.cells.some(c => c.fault === null)) return []
  const { memory } = plan
  const parts = [
    ['weights', memory.weightsBytes],
    ['activations', memory.activationBytes],
    ['logits', memory.logitsBytes],
    ['optimizer', memory.optimizerBytes],
    ['all together', memory.totalBytes],
    ['free now', memory.freeBytes],
  ] as const
  const rows = parts.map(([part, bytes]) => [part, bytesText(bytes)])
  const waiting = plan.cells.filter(c => c.existing === null).length
  return [
    ...plan.notes,
    `${counted(plan.cells.length, 'run')}, ${waiting} of them not done yet, on ${plan.device}`,
    ...[partsText(plan, durationText)].filter(Boolean),
    `${durationText(plan.seconds)} in all, ${plan.secondsPerStep.toFixed(3)} s a step (${plan.measured ? 'measured' : 'estimated'})`,
    `${bytesText(plan.diskBytes)} of disk, in a ${memory.host}`,
    '',
    table(rows, ['memory', '']),
    '',
    ...(plan.differences.length === 0
      ? ["the paper's settings"]
      : plan.differences.map(d => `differs from the paper: ${d}`)),
    ...(memory.fittingAccumulation === null ? ['no accumulation fits in memory'] : []),
  ]
}

async function planCommand(terminal: Terminal, options: Record<string, unknown>): Promise<number> {
  const sweep = await sweepOf(options)
  const asked = { request: 'plan', sweep, measure: options.measure === true }
  const plan = await withWorkbench(({ api }) => api.planSweep(asked), {
    progress: ({ doing, fraction }) => terminal.progress(doing, fraction),
  })
  const faulty = plan.cells.flatMap(({ fault, model, tokens }) =>
    fault === null
      ? []
      : [{ cell: `${model}, ${counted(tokens, 'token')}`, said: faultText(fault) }],
  )
  const said = new Set(faulty.map(each => each.said))
  const data = plan.data.flatMap(({ path, held, warnings }) => {
    const more = warnings.filter(line => !said.has(line)).map(line => `warning: ${line}`)
    const lines = [...held, ...more].map(line => `  ${line}`)
    return lines.length === 0 ? [] : [`${path}:`, ...lines]
  })
  const faults = faulty.map(each => `${each.cell}: ${each.said}`)
  terminal.answer(plan, [...faults, ...planLines(plan), ...data].join('\n'))
  return faults.length > 0 ? 1 : 0
}

export function addDeviceCommands(program: Command): void {
  program.command('devices').description('what there is to train on').action(action(devicesCommand))
  addSpecOptions(
    program
      .command('plan')
      .description('memory, time and disk of a run or sweep, before it starts')
      .option('--untrained', 'also count untrained prompts')
      .option('--measure', 'measure a step of the first cell, instead of estimating it'),
    true,
  ).action(action(planCommand))
}
