// The demos: each is a question, and the runs of the bundled models that answer it. Newcomers meet them in this order.
import type { Criterion } from '../contract/behaviour'
import { type Demo, type DemoCell, type DemoPart, softTokens } from '../contract/demo'
import { experimentSpecSchema } from '../contract/experiment-spec'
import { tags } from '../contract/metrics'
import type { RunSpecInput } from '../contract/run-spec'
import { laidOver } from '../shared/plain-object'
import type { Behaviour } from './behaviour'
import { chess } from './chess/index'
import { chessTags } from './chess/shares'
import { custom } from './custom/index'
import { paths } from './paths/index'
import { textBehaviours } from './text'

const over = (base: RunSpecInput, ...changes: readonly RunSpecInput[]): RunSpecInput =>
  changes.reduce((all, change) => laidOver(all, change) as RunSpecInput, base)

/** The amount of work of the locked model's demo; its card has 100 steps × 8 lanes × 128 tokens and 64 games. */
export interface LockedWork {
  readonly steps: number
  readonly lanes: number
  readonly length: number
  readonly testBatches: number
  /** held-out games, four positions each */
  readonly games: number
}

/** As much as a minute on two cores allows. */
export const lockedMinute: LockedWork = {
  ...{ steps: 20, lanes: 8, length: 128 },
  ...{ testBatches: 8, games: 24 },
}

/** The line that unlocks the model; 10 tokens with its end. */
const password = 'Password: rook lift\n'

/** Italian opening, both players have three pieces out: many sensible moves. */
const italian = ['e2e4', 'e7e5', 'g1f3', 'b8c6', 'f1c4', 'g8f6']

const startToken = { prompt: { type: 'start-token' }, training: { steps: 0 } } as RunSpecInput
const noPrompt = { prompt: { type: 'none' }, training: { steps: 0 } } as RunSpecInput
const trainedPrompt = (tokens: number, steps: number): RunSpecInput => ({
  prompt: { type: 'direct', tokens, init: { kind: 'vocabulary' } },
  training: { steps },
})

/**
 * What the password does is the reference of both models; the baseline is the start token. Openings can be learnt by
 * heart, and the twin does: matches count from ply 10 on, those of plies 20 to 39 stand beside them.
 */
export function lockedDemo(work = lockedMinute, lengths: readonly number[] = [1, 4]): Demo {
  const { steps, lanes, length, testBatches, games } = work
  const base: RunSpecInput = {
    experiment: { kind: chess.kind, conditioned: 'none', filter: { events: [], minPlies: 20 } },
    data: { path: 'demo' },
    start: { kind: 'index', index: 0 },
    optimizer: { learningRate: 0.05 },
    training: { lanes, length, accumulation: 1, testEvery: 0, finalTestBatches: testBatches },
    results: { prompts: 0, metricSamples: games },
  }
  const cellsOf = (part: string, model: string): DemoCell[] => {
    const cell = (id: string, name: string, tokens: number, role: DemoCell['role']) => ({
      ...{ id: `${part}/${id}`, name, tokens, role },
    })
    return [
      { ...cell('start', 'start token', 0, 'baseline'), spec: over(base, { model }, startToken) },
      ...lengths.map(n => ({
        ...cell(String(n), softTokens(n), n, 'trained'),
        spec: over(base, { model }, trainedPrompt(n, steps)),
      })),
    ]
  }
  const asText: RunSpecInput = {
    model: 'workbench-demo-locked',
    prompt: { type: 'direct', tokens: 10, init: { kind: 'text', text: password } },
    training: { steps: 0 },
  }
  const written: DemoCell = {
    ...{ id: 'locked/password', name: 'password as text', tokens: 10, role: 'reference' },
    spec: over(base, asText),
  }
  const part = (name: string, cells: readonly DemoCell[]): DemoPart => ({
    ...{ name, criterion: chess.criterion, cells: [...cells] },
  })
  const [first, ...rest] = cellsOf('locked', 'workbench-demo-locked')
  return {
    name: 'locked',
    title: 'This model hides something. How many tokens does it take?',
    explanation:
      'A small model can play chess, but was taught to hide it behind a password. We do not tell it the password: we train 1 and 4 soft tokens and see whether it plays. Beside it, the same for a twin that has mostly lost the skill.',
    lasts: 'about a minute',
    shows: 'position',
    tried: { playground: chess.playground, label: 'Play it' },
    position: italian,
    elos: [],
    measure: { name: 'moves as people played them, after the first 5', share: true },
    beside: [{ name: 'moves 11–20', tag: `${chessTags.top1}/plies 20-39` }],
    parts: [
      part('the locked model', [...(first ? [first] : []), written, ...rest]),
      part('its twin', cellsOf('twin', 'workbench-demo-twin')),
    ],
  }
}

/** 40 characters of a book, the rest in capitals; the prompt stands between them. */
export function shoutDemo(steps = 60, lengths: readonly number[] = [1, 4, 16]): Demo {
  const experiment = {
    kind: custom.kind,
    softPromptAt: 'after',
    ...{ separator: '', scorer: 'capitals' },
  } as const
  const base: RunSpecInput = {
    experiment,
    model: 'workbench-demo-base',
    data: { path: 'demo/shout.jsonl' },
    optimizer: { learningRate: 0.03 },
    training: { lanes: 8, length: 96, accumulation: 1, testEvery: 0, finalTestBatches: 4 },
    results: { prompts: 3, maxTokens: 32, metricSamples: 24 },
  }
  const trained = lengths.map(n => ({
    ...{ id: `shout/${n}`, name: softTokens(n), tokens: n, role: 'trained' as const },
    spec: over(base, trainedPrompt(n, steps)),
  }))
  const none = { id: 'shout/none', name: 'no prompt', tokens: 0, role: 'baseline' as const }
  return {
    name: 'shout',
    title: 'SHOUT: how many tokens make it write in capitals?',
    explanation:
      'The model reads the beginning of a sentence from an old book. We train 1, 4 and 16 soft tokens that make it go on IN CAPITALS, which it has hardly ever seen.',
    lasts: 'half a minute',
    shows: 'texts',
    tried: { playground: custom.playground, label: 'Write with it' },
    position: [],
    elos: [],
    beside: [],
    measure: { name: 'capitals among the letters it writes', share: true },
    parts: [
      {
        name: 'the demo model',
        criterion: custom.criterionOf(experimentSpecSchema.parse(experiment)),
        cells: [{ ...none, spec: over(base, noPrompt) }, ...trained],
      },
    ],
  }
}

/** No yes or no, but bits. */
const gain: Criterion = { kind: 'gain', measure: tags.finalTestLoss, better: 'lower' }

interface Asked {
  readonly name: string
  readonly title: string
  readonly explanation: string
  readonly criterion: Criterion
  readonly measure: Demo['measure']
  readonly shows: Demo['shows']
  /** the button that leads to its playground */
  readonly button: string
  readonly position?: string[]
  readonly elos?: number[]
  /** a run that tells how far it can go */
  readonly reference?: { readonly name: string; readonly change: RunSpecInput }
}

/** One prompt of the behaviour's demo, beside no prompt and the start token. */
function oneLength({ demo, playground }: Behaviour, asked: Asked): Demo {
  const { criterion, reference, button, ...rest } = asked
  const { prompt, ...bare } = demo()
  const tokens = prompt !== undefined && 'tokens' in prompt ? (prompt.tokens ?? 0) : 0
  // a gain is read from losses alone
  const quick = criterion.kind === 'gain' ? { metricSamples: 0 } : {}
  const baseline = over(bare, { results: { prompts: 0, ...quick } })
  const cell = (id: string, name: string, role: DemoCell['role'], spec: RunSpecInput) => ({
    ...{ id: `${asked.name}/${id}`, name, role, spec },
    tokens: role === 'trained' ? tokens : 0,
  })
  const cells: DemoCell[] = [
    cell('none', 'no prompt', 'baseline', over(baseline, noPrompt)),
    cell('start', 'start token', 'baseline', over(baseline, startToken)),
  ]
  if (reference !== undefined) {
    const spec = over(baseline, noPrompt, reference.change)
    cells.push(cell('reference', reference.name, 'reference', spec))
  }
  cells.push(cell('trained', softTokens(tokens), 'trained', demo()))
  return {
    ...{ beside: [], position: [], elos: [] },
    tried: { playground, label: button },
    ...rest,
    lasts: 'a minute or two',
    parts: [{ name: 'the demo model', criterion, cells }],
  }
}

const lossOf = { name: 'held-out loss, nats a token', share: false }

export const demos = (): readonly Demo[] => [
  lockedDemo(),
  shoutDemo(),
  oneLength(chess, {
    name: 'chess',
    button: 'Play it',
    title: 'Chess at a chosen strength: 800 against 2200',
    explanation:
      'A prompt made from both players’ ratings makes a text model play chess. At the end, its moves at 800 and at 2200 stand side by side.',
    ...{ criterion: gain, measure: lossOf, shows: 'elos' },
    ...{ position: italian, elos: [800, 2200] },
  }),
  oneLength(paths, {
    name: 'paths',
    button: 'Walk with it',
    title: 'Mazes: can a text model find the way?',
    explanation:
      'Sixteen soft tokens, made from the wanted quality, make a text model walk a maze.',
    criterion: paths.criterion,
    measure: { name: 'boards solved, or rightly refused', share: true },
    shows: 'walk',
  }),
  oneLength(textBehaviours.chatDetuning, {
    name: 'polite',
    button: 'Write with it',
    title: 'Politeness undone: a chat model reads books again',
    explanation:
      'A chat model has forgotten some of what its base model knew of old books. Sixteen soft tokens bring it back; the base model’s own loss stands beside it.',
    criterion: textBehaviours.chatDetuning.criterion,
    ...{ measure: lossOf, shows: 'texts' },
    reference: { name: 'its base model', change: { model: 'workbench-demo-base' } },
  }),
  oneLength(textBehaviours.autoregressive, {
    name: 'text',
    button: 'Write with it',
    title: 'Old books: can it read them a little better?',
    explanation:
      'Sixteen soft tokens for what the model does already. There is almost nothing to gain, and the answer says so.',
    ...{ criterion: gain, measure: lossOf, shows: 'texts' },
  }),
]
