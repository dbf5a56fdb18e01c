// One precision of one device, tried with the program that trains: how far its gradient lies from the CPU's, how long a
// step takes, and whether values cross between host and device inside it. It lives in a process of its own, because a
// process has one way to compute float32 products, and because onnxruntime tells of copies on the standard error only.
import { fork } from 'node:child_process'
import { cudaEnvironment, productsOf } from '../contract/cuda-environment'
import { Fault, type FaultData, fromData } from '../contract/fault'
import type { Precision } from '../contract/run-spec'
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

export type TrialAnswer = { readonly measured: TrialFigures } | { readonly fault: FaultData }

interface Ended {
  readonly answer: TrialAnswer | undefined
  /** its standard error */
  readonly log: string
}

function inProcess(request: TrialRequest, env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = fork(processFile, [], {
    env: { ...env, ...cudaEnvironment(productsOf(request.precision)) },
    execArgv: ['--enable-source-maps'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let answer: TrialAnswer | undefined
  const log: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log.push(text))
  child.on('message', message => {
    answer = message as TrialAnswer
  })
  child.send(request)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    // after the last of its standard error
    child.once('close', () => resolve({ answer, log: log.join('') }))
  })
}

/** Faults: 'device', 'memory', 'bad-weights' … of the run; 'engine' when the process died. */
export async function runTrial(
  request: TrialRequest,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Trial> {
  const { answer, log } = await inProcess(request, env)
  if (answer === undefined) {
    const last = log.trim().split('\n').slice(-3).join(' ')
    throw new Fault('engine', `the trial died: ${last}`, 'Run `spw gpu doctor`.')
  }
  if ('fault' in answer) throw fromData(answer.fault)
  return { ...answer.measured, copies: copiesIn(log) }
}
