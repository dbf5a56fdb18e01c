// Does a text model know how to play chess at a wanted strength, and how long must a prompt be to say so?
import type { Measure } from '../../contract/behaviour'
import { experimentSpecSchema } from '../../contract/experiment-spec'
import type { RunSpec } from '../../contract/run-spec'
import { promptIds } from '../../dataset/special-tokens'
import { accumulationFor } from '../../spec/paper'
import type { EvaluationPrompt, ExperimentContext, HeldOut } from '../../stream/source'
import {
  type Behaviour,
  type DataKind,
  firstHeldOut,
  type Measuring,
  measuredOn,
  promptedBy,
  type Subject,
} from '../behaviour'
import { chessControl } from './control'
import { type GameText, openChess } from './data'
import { type ChessSpec, chessConditionNames, chessConditions, whyNoElos } from './elo'
import { prepareFiles } from './files'
import { chessMetrics } from './measures'
import { countGames, previewGames } from './pgn-preview'
import { chessTags } from './shares'

/** An evaluation prompt is at most so many plies of a game, or the first half of a shorter one. */
const promptPlies = 20
/** Plies of the true continuation that are shown beside what the model wrote. */
const expectedPlies = 8

const chessSpec = ({ experiment }: Pick<RunSpec, 'experiment'>): ChessSpec =>
  experiment as ChessSpec

/** The beginnings of held-out games with their Elos. */
async function gamePrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const { conditioned } = chessSpec(context.spec)
  const wanted = context.spec.results.prompts
  const found: EvaluationPrompt[] = []
  for await (const { uci, whiteElo, blackElo } of heldOut() as AsyncIterable<GameText>) {
    if (found.length >= wanted) break
    const moves = uci.split(' ')
    const plies = Math.min(promptPlies, Math.floor(moves.length / 2))
    if (plies === 0) continue
    const text = moves.slice(0, plies).join(' ')
    found.push({
      id: `game-${found.length}`,
      label: `${whiteElo} against ${blackElo}, after ${plies} plies`,
      group: 'held-out game',
      text,
      tokenIds: await promptIds(context.tokenizer, text),
      conditions: chessConditions(conditioned, whiteElo, blackElo),
      placeAt: 'start',
      expected: ` ${moves.slice(plies, plies + expectedPlies).join(' ')}`,
    })
  }
  return found
}

/** The paper's micro-batches: a longer prompt fills the same memory with fewer lanes. */
function accumulationOf(modelId: string, tokens: number): number {
  if (tokens >= 512) return accumulationFor(modelId, [4, 8, 16, 32])
  return accumulationFor(modelId, tokens >= 64 ? [2, 4, 8, 16] : [1, 2, 4, 8])
}

async function* measure(subject: Subject): Measuring {
  const games = await firstHeldOut<GameText>(subject)
  if (games.length === 0) return undefined
  const { length } = subject.spec.training
  const work = chessMetrics({ ...promptedBy(subject), games, length })
  return yield* measuredOn('playing held-out games', games, work)
}

const pathOfDemo = 'data/lichess_demo.pgn.zst'

const games: DataKind = {
  kind: 'chess',
  name: 'games',
  noun: 'game',
  made: false,
  bundled: [{ path: pathOfDemo, title: 'Lichess games (bundled)' }],
  isFile: path => /\.pgn(\.zst|\.gz|\.bz2)?$/i.test(path),
  preview: previewGames,
  count: countGames,
}

const share = (tag: string): Measure => ({ tag, better: 'higher', share: true })

export const chess = {
  kind: 'chess' as const,
  title: 'Chess at a chosen strength',
  explanation:
    'A prompt made from both players’ Elos makes a text model continue real games move by move.',
  finding:
    'Longer prompts keep helping: pythia-160m falls from 2.40 nats to 1.20 with 16 tokens and 0.91 with 1024.',
  name: spec => {
    const { conditioned } = chessSpec(spec)
    return conditioned === 'elos' ? 'chess' : `chess, condition ${conditioned}`
  },
  conditionNames: experiment => chessConditionNames((experiment as ChessSpec).conditioned),
  unit: 'game',
  measures: [
    { ...share(chessTags.legalRate), beside: true },
    share(chessTags.legalMass),
    ...[chessTags.top1, chessTags.top3, chessTags.laterTop1].map(share),
    { tag: chessTags.sensitivity, better: 'lower', share: false, beside: true },
  ],
  unmeasured: spec => {
    const why = whyNoElos(spec)
    return why === '' ? {} : { [chessTags.sensitivity]: why }
  },
  // openings can be learnt by heart: only what comes later counts
  criterion: {
    kind: 'share-of-reference',
    measure: chessTags.laterTop1,
    better: 'higher',
    chance: chessTags.laterChance,
    target: 0.8,
  },
  options: [
    {
      control: 'choice',
      path: 'experiment.conditioned',
      label: 'Prompt depends on',
      choices: [
        ['elos', 'both Elos'],
        ['constant', 'a constant 1 (ablation)'],
        ['elos-constant', 'both Elos and a constant 1'],
        ['none', 'nothing'],
      ],
    },
    { control: 'number', path: 'experiment.filter.minElo', label: 'Least Elo', min: 0 },
    { control: 'number', path: 'experiment.filter.maxElo', label: 'Highest Elo', min: 0 },
    {
      control: 'number',
      path: 'experiment.filter.minPlies',
      label: 'Least moves (plies)',
      min: 0,
    },
  ],
  playground: 'chess',
  dataKinds: [games.kind],
  dataKind: games,
  ownData: 'bundled',
  control: chessControl,
  // the bundled base model has learnt chess, which it plays behind its start token
  reference: { prompt: 'start-token', model: () => 'workbench-demo-base' },
  quickLength: 128,
  // two or three positions from ply 10 on in each: fewer do not tell a match of 0.26 from one of 0.19
  quickSamples: 64,
  openPipeline: openChess,
  demoData: pathOfDemo,
  prepareFiles,
  defaults: (modelId, tokens = 16) => ({
    data: { path: 'demo' },
    prompt: { type: 'mlp', tokens, hiddenLayers: 0, hiddenWidth: 128 },
    start: { kind: 'index', index: 0 },
    training: {
      steps: 4096,
      lanes: 32,
      accumulation: accumulationOf(modelId, tokens),
      length: 256,
    },
    results: { prompts: 128, maxTokens: 32, metricSamples: 128 },
  }),
  demo: () => ({
    experiment: { kind: 'chess', filter: { events: [], minPlies: 10 } },
    model: 'workbench-demo-base',
    data: { path: 'demo' },
    prompt: { type: 'mlp', tokens: 16, hiddenLayers: 0, hiddenWidth: 128 },
    optimizer: { learningRate: 2e-3 },
    training: {
      steps: 96,
      lanes: 8,
      accumulation: 1,
      length: 96,
      testEvery: 16,
      testBatches: 4,
      finalTestBatches: 24,
    },
    results: { prompts: 8, maxTokens: 24, metricSamples: 16 },
  }),
  evaluationPrompts: gamePrompts,
  originalOptions: words => (words === '' ? {} : undefined),
  originalRun: head => {
    const found = /^BWElo chess (\w+)$/.exec(head)
    if (!found) return undefined
    return {
      experiment: experimentSpecSchema.parse({ kind: 'chess' }),
      model: `EleutherAI/pythia-${found[1]}-deduped`,
      dataset: 'lichess 2023-11 (Rated Blitz game)',
    }
  },
  measure,
  // counted over games of the demo data: three times each token of a game for its four positions, and 66 tokens of legal
  // moves at each; two times more where the loss with the Elos of others is compared
  measureTokens: spec => (whyNoElos(spec) === '' ? 5 : 3) * spec.training.length + 4 * 66,
} satisfies Behaviour
