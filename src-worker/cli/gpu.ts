// spw gpu install, doctor, uninstall: CUDA for onnxruntime-node, without system packages.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { GpuDiagnosis } from '../contract/gpu'
import { places, type Workbench, withWorkbench } from './engine'
import { onStopSignal } from './stop-signal'
import { action, bytesText, exitCodes, type Terminal } from './terminal'

interface GpuOptions {
  readonly home?: string
  readonly index?: string
}

/** Works on the home that is named, else on that of all commands; its progress comes as `gpu`. */
function withGpu<T>(
  terminal: Terminal,
  { home }: GpuOptions,
  work: (workbench: Workbench) => Promise<T>,
): Promise<T> {
  const at = home === undefined ? undefined : { ...places(), home: resolve(home) }
  const progress = ({ doing, fraction }: { doing: string; fraction: number | null }): void => {
    if (doing !== '') terminal.progress(doing, fraction)
  }
  return withWorkbench(work, { progress }, at)
}

async function installCommand(terminal: Terminal, options: GpuOptions): Promise<number> {
  return withGpu(terminal, options, async ({ api }) => {
    // the first Ctrl-C stops the download and keeps its part
    const unhear = onStopSignal(() => void api.cancel({ request: 'gpu' }))
    try {
      const { folder, record, already } = await api.installGpu({ index: options.index ?? '' })
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
      unhear()
    }
  })
}

function diagnosisText({ steps, next, ok }: GpuDiagnosis): string {
  const lines = steps.map(step => `${step.ok ? '✓' : '✗'} ${step.name}: ${step.found}`)
  return [...lines, '', ok ? 'CUDA works: use --device cuda:0' : `next: ${next}`].join('\n')
}

async function doctorCommand(terminal: Terminal, options: GpuOptions): Promise<number> {
  const diagnosis = await withGpu(terminal, options, ({ api }) => api.gpuDoctor({ trial: true }))
  terminal.answer(diagnosis, diagnosisText(diagnosis))
  return diagnosis.ok ? exitCodes.done : exitCodes.fault
}

async function uninstallCommand(terminal: Terminal, options: GpuOptions): Promise<number> {
  const result = await withGpu(terminal, options, ({ api }) => api.uninstallGpu({}))
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
