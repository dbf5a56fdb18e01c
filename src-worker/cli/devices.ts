// spw devices, plan: what there is to compute with, and what a sweep would take of it.
import type { Command } from 'commander'
import { partsText } from '../contract/plan'
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
    d.fault === null ? 'ready' : `${d.fault.message} ${d.fault.fix}`,
  ])
  terminal.answer(devices, table(rows, ['device', 'name', 'memory', 'free', 'driver', 'state']))
  return 0
}

async function planCommand(terminal: Terminal, options: Record<string, unknown>): Promise<number> {
  const sweep = await sweepOf(options)
  const asked = { request: 'plan', sweep, measure: options.measure === true }
  const plan = await withWorkbench(({ api }) => api.planSweep(asked), {
    progress: ({ doing, fraction }) => terminal.progress(doing, fraction),
  })
  const { memory } = plan
  const parts = [
    ['weights', memory.weightsBytes],
    ['activations', memory.activationBytes],
    ['logits', memory.logitsBytes],
    ['optimizer', memory.optimizerBytes],
    ['all together', memory.totalBytes],
    ['free now', memory.freeBytes],
  ] as const
  const waiting = plan.cells.filter(c => c.existing === null).length
  const faults = plan.cells.flatMap(c =>
    c.fault === null ? [] : [`${c.model}, ${c.tokens} tokens: ${c.fault.message} ${c.fault.fix}`],
  )
  const runnable = plan.cells.some(c => c.fault === null)
  const text = [
    ...faults,
    ...plan.notes,
    `${plan.cells.length} runs, ${waiting} of them not done yet, on ${plan.device}`,
    ...[partsText(plan, durationText)].filter(Boolean),
    `${durationText(plan.seconds)} in all, ${plan.secondsPerStep.toFixed(3)} s a step (${plan.measured ? 'measured' : 'estimated'})`,
    `${bytesText(plan.diskBytes)} of disk, in a ${memory.host}`,
    '',
    table(
      parts.map(([k, v]) => [k, bytesText(v)]),
      ['memory', ''],
    ),
    '',
    ...(plan.differences.length === 0
      ? ["the paper's settings"]
      : plan.differences.map(d => `differs from the paper: ${d}`)),
    ...plan.data.flatMap(({ path, held, warnings }) => [
      `${path}:`,
      ...held.map(line => `  ${line}`),
      ...warnings.map(line => `  warning: ${line}`),
    ]),
    ...(runnable && memory.fittingAccumulation === null ? ['no accumulation fits in memory'] : []),
  ].join('\n')
  terminal.answer(plan, text)
  return plan.cells.some(c => c.fault !== null) ? 1 : 0
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
