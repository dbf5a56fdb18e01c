// spw sample, eval: the prompted model's text, and a snapshot's held-out loss.
import type { Command } from 'commander'
import { z } from 'zod'
import { Fault, fromData } from '../contract/fault'
import { type SampleRequest, sampleRequestSchema } from '../contract/playground'
import type { RunSpecInput } from '../contract/run-spec'
import { laidOver } from '../shared/plain-object'
import { messagesOf } from './chat-messages'
import { addChessCommands } from './chess'
import { withWorkbench } from './engine'
import { evaluateAll } from './evaluate-all'
import { followRuns } from './follow-runs'
import { numberFrom, numbersFrom, parsedFlags } from './parsed-options'
import { addPathCommands } from './path'
import { addSpecOptions, changesOf, refuseTraining } from './spec-options'
import { action, exitCodes, type Terminal } from './terminal'

interface SampleOptions {
  readonly snapshot?: string
  readonly model?: string
  readonly prompt: string
  readonly chat?: boolean
  readonly system?: string
  readonly messages?: string
  readonly at: string
  readonly conditions?: string
  readonly n: string
  readonly maxTokens: string
  readonly temperature: string
  readonly topP: string
  readonly topK: string
  readonly minP: string
  readonly repetitionPenalty: string
  readonly seed: string
  readonly baseline?: boolean
  readonly startToken?: boolean
}

async function requestOf(options: SampleOptions): Promise<SampleRequest> {
  const { at, snapshot = '', model = '' } = options
  if (snapshot === '' && model === '')
    throw new Fault('usage', 'neither --snapshot nor --model is given', 'Name one of them.')
  const asked = {
    request: 'sample',
    promptedModel: { model, snapshot, startToken: options.startToken === true },
    prompt: options.prompt,
    messages: await messagesOf(options),
    softPromptAt: placeOf(at, options.prompt),
    conditions: numbersFrom('conditions', options.conditions),
    sampling: {
      maxTokens: numberFrom('max-tokens', options.maxTokens),
      temperature: numberFrom('temperature', options.temperature),
      topP: numberFrom('top-p', options.topP),
      topK: numberFrom('top-k', options.topK),
      minP: numberFrom('min-p', options.minP),
      repetitionPenalty: numberFrom('repetition-penalty', options.repetitionPenalty),
    },
    samples: numberFrom('n', options.n),
    seed: numberFrom('seed', options.seed),
  }
  const request = parsedFlags(sampleRequestSchema, asked, { samples: 'n' })
  if (snapshot === '' && request.conditions.length > 0)
    throw new Fault(
      'usage',
      '--conditions are given, but no soft prompt that they could steer',
      'Add --snapshot with a generated prompt, or leave --conditions out.',
    )
  return request
}

function placeOf(at: string, prompt: string): SampleRequest['softPromptAt'] {
  if (at === 'trained' || at === 'start' || at === 'end') return at
  const schema = z.object({ at: z.int().min(0).max(prompt.length) })
  return parsedFlags(schema, { at: numberFrom('at', at) }).at
}

async function sampleCommand(terminal: Terminal, options: SampleOptions): Promise<number> {
  const request = await requestOf(options)
  const { promptedModel } = request
  return withWorkbench(async ({ api }) => {
    const prompted = await api.sample(request)
    const bare = async () => {
      const { model } = await api.openModel(promptedModel)
      return api.sample({ ...request, promptedModel: { ...promptedModel, model, snapshot: '' } })
    }
    const baseline = options.baseline === true ? await bare() : undefined
    if (prompted.dateNote !== '') terminal.say(prompted.dateNote)
    const texts = (name: string, result: typeof prompted): string[] =>
      result.samples.map(s => (baseline === undefined ? s.text : `${name}: ${s.text}`))
    const text = [
      ...texts('prompted', prompted),
      ...(baseline === undefined ? [] : texts('baseline', baseline)),
    ].join('\n\n')
    terminal.answer(baseline === undefined ? prompted : { prompted, baseline }, text)
    return exitCodes.done
  })
}

/** By what is evaluated, so that no evaluation has the name of a run. */
function evaluationName(snapshot: string): string {
  const parts = snapshot.split(/[/\\]/).filter(part => part !== '' && part !== 'checkpoints')
  const own = parts.slice(parts.lastIndexOf('runs') + 1).slice(-2)
  return `evaluation of ${own.join(' ').replace(/\.(?:safetensors|pt)$/, '')}`
}

async function evalCommand(terminal: Terminal, options: Record<string, unknown>): Promise<number> {
  if (options.allCheckpoints !== undefined)
    return evaluateAll(terminal, String(options.allCheckpoints))
  if (options.snapshot === undefined)
    throw new Fault('usage', 'neither --snapshot nor --all-checkpoints is given', 'Name one.')
  refuseTraining(options)
  const snapshot = String(options.snapshot)
  // the snapshot is the prompt, whatever a --spec of another run says of its own
  const { prompt: _, ...asked } = await changesOf(options)
  const name = options.name === undefined ? evaluationName(snapshot) : String(options.name)
  const changes = laidOver(asked, { name, training: { steps: 0 } }) as RunSpecInput
  return withWorkbench(async workbench => {
    const { run } = await workbench.api.forkRun({ snapshot, changes, sweep: 'eval' })
    const [ended] = await followRuns(workbench, [run], terminal)
    const { finalTestLoss: loss = null, state } = ended ?? {}
    if (state?.kind === 'failed') throw fromData(state.fault)
    const text = loss === null ? 'nothing was tested' : `held-out loss ${loss.toFixed(4)} nats`
    terminal.answer({ snapshot, finalTestLoss: loss, run }, text)
    return state?.kind === 'done' ? exitCodes.done : exitCodes.interrupted
  })
}

export function addPlaygroundCommands(program: Command): void {
  program
    .command('sample')
    .description('text of a model, with a soft prompt or without')
    .option('--snapshot <path>', 'snapshot, checkpoint, .pt or PEFT folder')
    .option('--model <folder>', "model; default: the snapshot's")
    .option('--prompt <text>', 'text to go on from', '')
    .option('--chat', "the prompt is a person's message, in the model's chat template")
    .option('--system <text>', 'with --chat: the system message before it')
    .option('--messages <json>', 'messages of a chat as JSON, or a file that holds it')
    .option(
      '--at <where>',
      'soft prompt at the start, the end, or a character of the prompt; trained: where it stood in training',
      'trained',
    )
    .option('--conditions <list>', 'conditions of a generated prompt, comma separated')
    .option('--n <n>', 'samples', '1')
    .option('--max-tokens <n>', 'tokens at most', '64')
    .option('--temperature <t>', '0: always the most probable', '1')
    .option('--top-p <p>', 'least set of tokens with this mass', '0.7')
    .option('--top-k <k>', '0: all', '0')
    .option('--min-p <p>', 'share of the most probable token', '0')
    .option('--repetition-penalty <r>', '1: none', '1')
    .option('--seed <n>', 'seed of the draws', '0')
    .option('--baseline', 'also without the soft prompt')
    .option('--start-token', "put the tokenizer's start token first")
    .action(action(sampleCommand))
  addSpecOptions(
    program
      .command('eval')
      .description('held-out loss of a snapshot on data, as a run without steps')
      .option('--snapshot <path>', 'snapshot, checkpoint, .pt, PEFT folder, or a run')
      .option('--all-checkpoints <run>', 'the full test of each checkpoint of a run'),
  ).action(action(evalCommand))
  addChessCommands(program)
  addPathCommands(program)
}
