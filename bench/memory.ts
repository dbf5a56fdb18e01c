// npm run bench -- --memory N [--seed S]: the memory plan against the measured peak of N works drawn at random. Not disturbed by
// what else the machine does.
import { rng } from '../src-worker/stream/rng'
import { compare } from './compare'
import { type ModelName, modelNames } from './models'
import type { TrainWork } from './works'

/** What the plan must keep, either way. */
const tolerance = 0.15

const models = modelNames.filter(name => name !== 'pythia-1.4b')

function drawn(seed: number, i: number): TrainWork {
  const random = rng(seed, `memory ${i}`)
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)]!
  const model: ModelName = one(models)
  const prompt = one([1, 4, 16, 64, 256])
  const slots = prompt + one([48, 96, 128, 256, 400, 640, 1024])
  const lanes = one([1, 2, 4].filter(each => each === 1 || each * slots <= 1400))
  const weights = one(['full', 'full', 'full', 'int8', 'int4'] as const)
  const isRecomputed = weights === 'full' && one([false, false, true])
  return {
    kind: 'train',
    name: `${model} ${lanes} × ${slots}, P ${prompt}${weights === 'full' ? '' : ` ${weights}`}${isRecomputed ? ' recomputed' : ''}`,
    ...{ model, prompt, slots, lanes, weights },
    stored: one(['F32', 'F32', 'F16'] as const),
    ...{ generated: false, anywhere: false, ragged: false, peers: [] },
    ...(isRecomputed && { saving: { of: 'kept', out: true } as const }),
  }
}

/** Exit code 1 when a plan is wrong by more than 15 %. */
export async function memoryPlans(
  count: number,
  seed: number,
  folderOf: (work: TrainWork) => string,
  program: string,
): Promise<void> {
  const ratios: number[] = []
  console.log('| work | peak MB | planned MB | planned : peak |\n|---|---|---|---|')
  for (let i = 0; i < count; i++) {
    const work = drawn(seed, i)
    const options = { rounds: 1, threads: 0, python: undefined, program }
    const [row] = await compare(work, folderOf(work), options, ['workbench'])
    const { peakBytes = 0, plannedBytes = 0 } = row!.values
    const ratio = plannedBytes / peakBytes
    ratios.push(ratio)
    const cells = [(peakBytes / 1e6).toFixed(0), (plannedBytes / 1e6).toFixed(0), ratio.toFixed(2)]
    console.log(`| ${work.name}, ${work.stored} | ${row!.failed ?? cells.join(' | ')} |`)
  }
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
  const wrong = ratios.filter(ratio => !(Math.abs(ratio - 1) <= tolerance)).length
  console.log(
    `\n${count} works of seed ${seed}: planned : peak from ${least.toFixed(2)} to ${most.toFixed(2)}, ${wrong} beyond 15 %`,
  )
  process.exitCode = wrong > 0 ? 1 : 0
}
