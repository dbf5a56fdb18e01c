// How each demo ends: samples, a position at two Elos, a walked board. Everything shown is asked of the trained model now.
import type { WorkbenchApi } from '../contract/api'
import { type ChessAnswer, chessRequestSchema, pathRequestSchema } from '../contract/playground'
import type { RunSummary } from '../contract/run'
import { quoted } from '../shared/shell'
import { boardText, pathText } from './path-text'
import { table } from './terminal'

export interface Ending {
  readonly text: string
  readonly next: readonly string[]
  readonly data: Record<string, unknown>
}

/** A run of the demo is done: it has one. */
const snapshotOf = async (api: WorkbenchApi, id: string): Promise<string> =>
  (await api.run({ id })).snapshot ?? ''

/** Two continuations, with and without. */
async function samples(api: WorkbenchApi, { id }: RunSummary): Promise<Ending> {
  const rows = (await api.results({ id })).slice(0, 2)
  const clip = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 160)
  const text = rows.map(
    r => `“${clip(r.prompt)}”\n  without: ${clip(r.baseline)}\n  with:    ${clip(r.prompted)}`,
  )
  const snapshot = await snapshotOf(api, id)
  return {
    text: text.join('\n\n'),
    next: [`spw sample --snapshot ${quoted(snapshot)} --prompt "It was a dark night" --baseline`],
    data: { samples: rows },
  }
}

/** Italian opening, both players have three pieces out: many sensible moves. */
export const position = ['e2e4', 'e7e5', 'g1f3', 'b8c6', 'f1c4', 'g8f6']
const elos = [800, 2200]

/** What the Elos are worth on held-out games, whatever it is. */
function eloText({ metrics }: RunSummary): string {
  const of = (tag: string): string => (1000 * (metrics[tag]?.last ?? Number.NaN)).toFixed(1)
  const [mean, low, high] = ['', '/low', '/high'].map(end => of(`Elo sensitivity${end}`))
  return `given the true Elos instead of another game's, its loss changes by ${mean} thousandths of a nat (95 %: ${low} to ${high}); below zero, the Elos help`
}

async function chessPosition(api: WorkbenchApi, run: RunSummary): Promise<Ending> {
  const snapshot = await snapshotOf(api, run.id)
  const ask = (elo: number) =>
    chessRequestSchema.parse({
      request: 'demo',
      promptedModel: { snapshot },
      moves: position,
      whiteElo: elo,
      blackElo: elo,
    })
  const answers: ChessAnswer[] = []
  for (const elo of elos) answers.push(await api.chess(ask(elo)))
  const percent = (p: number): string => `${(100 * p).toFixed(1)} %`
  const rows = (answers[0]?.moves ?? [])
    .slice(0, 5)
    .map(({ san, uci }) => [
      san,
      ...answers.map(a => percent(a.moves.find(m => m.uci === uci)?.probability ?? 0)),
    ])
  const text = [
    `After ${position.join(' ')}, the model's moves for White:`,
    table(rows, ['move', ...elos.map(e => `at ${e}`)]),
    `mass on illegal text: ${answers.map(a => percent(a.illegalMass)).join(' and ')}`,
    eloText(run),
  ].join('\n')
  return {
    text,
    next: [
      `spw chess play --snapshot ${quoted(snapshot)}`,
      `spw uci --snapshot ${quoted(snapshot)}`,
    ],
    data: { position, elos, answers },
  }
}

async function walkedBoard(api: WorkbenchApi, { id, spec }: RunSummary): Promise<Ending> {
  const snapshot = await snapshotOf(api, id)
  const board = await api.randomBoard({ seed: 9, width: 8, height: 8 })
  const common = { request: 'demo', board, steps: 64, extraMoves: 0, wallHits: 0 }
  const walk = (promptedModel: object) =>
    api.path(pathRequestSchema.parse({ ...common, promptedModel }))
  const prompted = await walk({ snapshot })
  const bare = await walk({ model: spec.model, startToken: true })
  const text = [
    boardText(board, prompted),
    `with the soft prompt:     ${pathText(prompted)}`,
    `start token alone:        ${pathText(bare)}`,
    `shortest way:             ${prompted.optimalPath.join('')}`,
  ].join('\n')
  return {
    text,
    next: [`spw path --snapshot ${quoted(snapshot)} --random --seed 3 --size 8x8`],
    data: { board, prompted, bare },
  }
}

/** Endings by playground: what the run's prompt does there. */
const endings: Readonly<Record<string, typeof samples>> = {
  chess: chessPosition,
  paths: walkedBoard,
}

export const demoEnding = (
  api: WorkbenchApi,
  playground: string,
  run: RunSummary,
): Promise<Ending> => (endings[playground] ?? samples)(api, run)
