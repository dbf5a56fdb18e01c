// One precision of one device, tried with the program that trains: how far its gradient lies from the CPU's, how long a
// step takes, and whether values cross between host and device inside it. It lives in a process of its own, because a
// process has one way to compute float32 products, and because onnxruntime tells of copies on the standard error only.
import { cudaEnvironment, productsOf } from '../contract/cuda-environment'
import { Fault } from '../contract/fault'
import type { Precision } from '../contract/run-spec'
import { startProcess } from '../ports/start'
import { type Copies, copiesIn } from '../session/copies'
import processFile from './trial-process?modulePath'

export interface TrialRequest {
  /** auto, cpu or cuda:N */
  readonly device: string
  readonly precision: Precision
  /** folder of a model */
  readonly model: string
  readonly lanes: number
  /** of text in a lane */
  readonly tokens: number
  readonly promptTokens: number
}

export interface TrialFigures {
  readonly device: string
  /** ‖g − g of float32 on the CPU‖ / ‖g of float32 on the CPU‖ */
  readonly gradient: number
  /** |loss − loss on the CPU| */
  readonly loss: number
  readonly openSeconds: number
  readonly stepSeconds: number
}

export interface Trial extends TrialFigures {
  /** undefined: the log does not tell */
  readonly copies: Copies | undefined
}

/** What the process of a trial answers. */
export interface TrialProcess {
  measure(request: TrialRequest): Promise<TrialFigures>
}

/** Faults: 'device', 'memory', 'bad-weights' … of the run; 'engine' when the process died. */
export async function runTrial(
  request: TrialRequest,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Trial> {
  const log: string[] = []
  const died = (): Fault => {
    const last = log.join('').trim().split('\n').slice(-3).join(' ')
    return new Fault('engine', `the trial died: ${last}`, 'Run `spw gpu doctor`.')
  }
  const trial = startProcess<TrialProcess>(processFile, {
    env: { ...env, ...cudaEnvironment(productsOf(request.precision)) },
    onStderr: text => log.push(text),
    fault: died,
  })
  try {
    const measured = await trial.call.measure(request)
    await trial.end() // after the last of its log
    return { ...measured, copies: copiesIn(log.join('')) }
  } finally {
    trial.kill()
  }
}
