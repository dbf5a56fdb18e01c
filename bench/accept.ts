// npm run gpu:accept [-- --device cuda:0]: everything that only a machine with a GPU can show, in one report: the card and
// its driver, what `spw gpu doctor` finds, the gradient of each precision against the CPU's, works with their share of
// the card's peak and their memory against the plan, and a chess run of 1,000 steps, resumed bit for bit.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Precision, precisionSchema } from '../src-worker/contract/run-spec'
import { diagnose } from '../src-worker/gpu/doctor'
import { engineHome } from '../src-worker/session/cuda-install'
import { type Gpu, nvidiaGpus } from '../src-worker/session/nvidia'
import { cudaFault } from '../src-worker/session/probe'
import { precisionsOf } from '../src-worker/session/provider'
import { casesOf } from '../src-worker/verify/precisions'
import { runTrial } from '../src-worker/verify/trial'
import { resumedAlike } from './accept-resume'
import { type AcceptWork, measuredWork, runAcceptWork } from './accept-work'
import { demoModel } from './sampling'
import { writeSparseModel } from './sparse-models'

interface Section {
  readonly title: string
  readonly ok: boolean
  readonly lines: readonly string[]
}

/** A part of the report; whatever goes wrong in it is written there, and the others go on. */
async function section(
  title: string,
  make: () => Promise<Omit<Section, 'title'>>,
): Promise<Section> {
  console.error(`── ${title}`)
  try {
    return { title, ...(await make()) }
  } catch (error) {
    const { message, fix = '' } = error as Error & { fix?: string }
    return { title, ok: false, lines: [`${message}. ${fix}`.trim()] }
  }
}

async function doctor(index: number): Promise<Omit<Section, 'title'>> {
  const { steps, next } = await diagnose(engineHome())
  const fault = await cudaFault(index)
  const found = steps.map(({ ok, name, found: what }) => `${ok ? '✓' : '✗'} ${name}: ${what}`)
  const advice = next === null ? [] : [`Next: ${next}`]
  return { ok: next === null && fault === undefined, lines: [...found, ...advice] }
}

async function precision(device: string, name: Precision): Promise<Omit<Section, 'title'>> {
  const sizes = { lanes: 4, tokens: 64, promptTokens: 8 }
  const trial = await runTrial({ device, precision: name, model: demoModel, ...sizes })
  const cases = [...casesOf('workbench-demo-base', name, trial)]
  const passed = (each: (typeof cases)[number]): boolean => 'ok' in each && each.ok
  return {
    ok: cases.every(passed),
    lines: cases.map(each => `${passed(each) ? '✓' : '✗'} ${JSON.stringify(each)}`),
  }
}

const works = (root: string, precisions: readonly Precision[]): readonly AcceptWork[] =>
  precisions.flatMap(name => [
    { model: writeSparseModel(root, 'pythia-70m', 'F32'), precision: name, lanes: 4, slots: 144 },
    { model: writeSparseModel(root, 'pythia-160m', 'F32'), precision: name, lanes: 8, slots: 272 },
    { model: writeSparseModel(root, 'pythia-410m', 'F32'), precision: name, lanes: 8, slots: 272 },
  ])

async function speed(gpu: Gpu, root: string, names: readonly Precision[]) {
  const lines = ['| work | ms a step | of the peak | planned / most held |', '|---|---|---|---|']
  let ok = true
  for (const work of works(root, names)) {
    const { line, withinPlan } = await measuredWork(work, gpu, process.argv[1]!)
    lines.push(line)
    ok &&= withinPlan
  }
  return { ok, lines }
}

const markdown = (title: string, sections: readonly Section[]): string =>
  [
    `# ${title}`,
    ...sections.flatMap(({ title: name, ok, lines }) => [
      `\n## ${ok ? '✓' : '✗'} ${name}\n`,
      ...lines.map(line => (line.startsWith('|') ? line : `- ${line}`)),
    ]),
  ].join('\n')

async function accept(device: string): Promise<boolean> {
  const index = Number(/\d+$/.exec(device)?.[0] ?? 0)
  const gpu = (await nvidiaGpus()).find(each => each.index === index)
  const sections = [await section('CUDA', () => doctor(index))]
  const root = mkdtempSync(join(tmpdir(), 'spw-accept-'))
  try {
    if (gpu === undefined) {
      const lines = ['nvidia-smi lists no such GPU: everything below needs one and was left out']
      sections.push({ title: `${device}`, ok: false, lines })
    } else {
      const names = (await precisionsOf(device)).filter(p => precisionSchema.options.includes(p))
      for (const name of names)
        sections.push(await section(`gradient in ${name}`, () => precision(device, name)))
      sections.push(await section('speed and memory', () => speed(gpu, root, names)))
      const chess = () => resumedAlike(join(root, 'home'), device, 1000)
      sections.push(await section('1,000 steps of chess, resumed', chess))
      const lines = [
        'bench/peers computes on the CPU only: PyTorch and PEFT on this card are not measured',
      ]
      sections.push({ title: 'beside PyTorch and PEFT', ok: false, lines })
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  const card = gpu === undefined ? 'no GPU' : `${gpu.name}, driver ${gpu.driver}`
  const report = markdown(`Acceptance on ${card}`, sections)
  const slug = (gpu?.name ?? 'none').toLowerCase().replace(/[^a-z0-9]+/g, '-')
  mkdirSync('bench/results', { recursive: true })
  const file = resolve(
    'bench/results',
    `gpu-accept-${slug}-${new Date().toISOString().slice(0, 10)}.md`,
  )
  writeFileSync(file, `${report}\n`)
  console.log(`${report}\n\nwritten to ${file}`)
  return sections.every(each => each.ok)
}

async function main(): Promise<void> {
  const options = {
    device: { type: 'string', default: 'cuda:0' },
    work: { type: 'string' },
  } as const
  const { values } = parseArgs({ options })
  if (values.work !== undefined) return runAcceptWork(JSON.parse(values.work) as AcceptWork)
  process.exitCode = (await accept(values.device)) ? 0 : 1
}

void main()
