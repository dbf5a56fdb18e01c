// spw gpu install, doctor, uninstall: CUDA for onnxruntime-node, without system packages.
import type { Command } from 'commander'
import { type Diagnosis, diagnose } from '../gpu/doctor'
import type { InstallProgress } from '../gpu/fetch-package'
import { installCuda } from '../gpu/install'
import { uninstallCuda } from '../gpu/uninstall'
import { engineHome } from '../session/cuda-install'
import { resourcesFolder } from '../train/home'
import { trialSteps } from '../verify/trial-steps'
import { action, bytesText, exitCodes, type Terminal } from './terminal'

interface GpuOptions {
  readonly home?: string
  readonly index?: string
}

const homeOf = ({ home }: GpuOptions): string =>
  engineHome(home === undefined ? process.env : { ...process.env, SPW_HOME: home })

function progressText({ doing, what, doneBytes, totalBytes }: InstallProgress): string {
  const total = totalBytes === 0 ? '' : ` of ${bytesText(totalBytes)}`
  return `${doing} ${what}: ${bytesText(doneBytes)}${total}`
}

/** The first Ctrl-C stops the download and keeps its part; the second ends at once. */
function stopSignal(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    },
  }
}

async function installCommand(terminal: Terminal, options: GpuOptions): Promise<number> {
  const home = homeOf(options)
  const stop = stopSignal()
  try {
    const { folder, record, already } = await installCuda({
      home,
      index: options.index,
      signal: stop.signal,
      onProgress: p =>
        terminal.progress(progressText(p), p.totalBytes === 0 ? null : p.doneBytes / p.totalBytes),
    })
    const bytes = record.files.reduce((sum, file) => sum + file.bytes, 0)
    const packages = record.packages.map(p => `  ${p.name} ${p.version}`)
    const text = [
      `${already ? 'already there' : 'installed'}: CUDA for onnxruntime-node ${record.onnxruntime}`,
      ...packages,
      `${bytesText(bytes)} in ${folder}, checksums right`,
      `NVIDIA's libraries have a licence of their own: ${folder}/licences`,
      'next: spw gpu doctor',
    ]
    terminal.answer({ folder, already, bytes, ...record }, text.join('\n'))
    return exitCodes.done
  } finally {
    stop.end()
  }
}

function diagnosisText({ steps, next, ok }: Diagnosis): string {
  const lines = steps.map(step => `${step.ok ? '✓' : '✗'} ${step.name}: ${step.found}`)
  return [...lines, '', ok ? 'CUDA works: use --device cuda:0' : `next: ${next}`].join('\n')
}

async function doctorCommand(terminal: Terminal, options: GpuOptions): Promise<number> {
  const home = homeOf(options)
  const found = await diagnose(home)
  const steps = [...found.steps]
  if (found.ok) {
    terminal.progress('training a few steps in each precision', null)
    for await (const step of trialSteps('cuda:0', { home, resources: resourcesFolder() }))
      steps.push(step)
  }
  const next = steps.find(step => !step.ok)?.fix ?? null
  const diagnosis = { ...found, steps, next, ok: next === null }
  terminal.answer(diagnosis, diagnosisText(diagnosis))
  return diagnosis.ok ? exitCodes.done : exitCodes.fault
}

async function uninstallCommand(terminal: Terminal, options: GpuOptions): Promise<number> {
  const result = await uninstallCuda(homeOf(options))
  const lines = [
    ...result.removed.map(path => `removed ${path}`),
    ...result.left.map(path => `left ${path}: spw did not make it`),
    result.removed.length === 0 ? 'nothing was installed' : `${bytesText(result.freedBytes)} freed`,
  ]
  terminal.answer(result, lines.join('\n'))
  return exitCodes.done
}

export function addGpuCommands(program: Command): void {
  const gpu = program.command('gpu').description('CUDA for training on an NVIDIA GPU (Linux x64)')
  const home = ['--home <folder>', 'instead of SPW_HOME'] as const
  const json = ['--json', 'answer with JSON'] as const
  gpu
    .command('install')
    .description('fetch the CUDA provider and libraries that fit, with the settings of pip')
    .option(...home)
    .option('--index <url>', 'simple index to take packages from, instead of that of pip or uv')
    .option(...json)
    .action(action(installCommand))
  gpu
    .command('doctor')
    .description(
      'what CUDA needs here, and what is missing; where it works, a few steps in each precision',
    )
    .option(...home)
    .option(...json)
    .action(action(doctorCommand))
  gpu
    .command('uninstall')
    .description('remove what install brought')
    .option(...home)
    .option(...json)
    .action(action(uninstallCommand))
}
