// What each demo shows of the model at its end, without the prompt and with it. All of it is asked of the model now.

import type { WorkbenchApi } from '../contract/api'
import type { Demo, DemoAnswer, DemoRow } from '../contract/demo'
import {
  type ChessAnswer,
  chessRequestSchema,
  type PromptedModel,
  pathRequestSchema,
} from '../contract/playground'
import { percent } from '../shared/percent'
import { quoted } from '../shared/shell'
import { type BoardMove, boardsText } from './demo-board'
import { boardText, pathText } from './path-text'
import { table } from './terminal'

export interface Ending {
  readonly text: string
  readonly next: readonly string[]
  readonly data: Record<string, unknown>
}

export interface Shown {
  readonly api: WorkbenchApi
  readonly demo: Demo
  readonly answer: DemoAnswer
}

/** A row's run as a prompted model. The baselines have no snapshot. */
async function modelOf(api: WorkbenchApi, { run, role }: DemoRow): Promise<PromptedModel> {
  const { summary, snapshot } = await api.run({ id: run })
  const { model, prompt } = summary.spec
  if (role !== 'baseline') return { model, snapshot: snapshot ?? '', startToken: false }
  return { model, snapshot: '', startToken: prompt.type === 'start-token' }
}

/** Rows of the first curve: the baseline, and the longest prompt. */
function ends({ parts: [first] }: DemoAnswer): {
  readonly without: DemoRow
  readonly with: DemoRow
} {
  const baselines = first?.rows.filter(({ role }) => role === 'baseline') ?? []
  const trained = first?.rows.filter(({ role }) => role === 'trained') ?? []
  return { without: baselines.at(-1) as DemoRow, with: trained.at(-1) as DemoRow }
}

/** Three continuations, with and without. */
async function texts({ api, answer }: Shown): Promise<Ending> {
  const { run } = ends(answer).with
  const rows = (await api.results({ id: run })).slice(0, 2)
  const clip = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 110)
  const text = rows.map(
    r => `“${clip(r.prompt)}”\n  without: ${clip(r.baseline)}\n  with:    ${clip(r.prompted)}`,
  )
  const { snapshot } = await api.run({ id: run })
  const prompt = rows[0] === undefined ? 'It was a dark night' : clip(rows[0].prompt)
  return {
    text: text.join('\n\n'),
    next: [`spw sample --snapshot ${quoted(snapshot ?? '')} --prompt ${quoted(prompt)} --baseline`],
    data: { samples: rows },
  }
}

/** The most probable move in one position, without the prompt, with it, and behind the reference. */
async function chosenMoves({ api, answer, demo: { position } }: Shown): Promise<Ending> {
  const rows = answer.parts[0]?.rows ?? []
  const chosen: (BoardMove & { cell: string })[] = []
  for (const row of rows) {
    const promptedModel = await modelOf(api, row)
    const asked = chessRequestSchema.parse({ request: 'demo', promptedModel, moves: position })
    const { moves } = await api.chess(asked)
    const { uci = '', san = '', probability = 0 } = moves[0] ?? {}
    chosen.push({ cell: row.cell, name: row.name, uci, san, probability })
  }
  const { without, with: last } = ends(answer)
  const of = (row: DemoRow) => chosen.filter(({ cell }) => cell === row.cell)
  const references = rows.filter(({ role }) => role === 'reference').flatMap(of)
  const { snapshot } = await api.run({ id: last.run })
  const beside = references.map(m => `${m.name}: ${m.san} (${(100 * m.probability).toFixed(0)} %)`)
  const text = [
    `After ${position.join(' ')}, White's most probable move:`,
    boardsText(position, [...of(without), ...of(last)]),
    ...(beside.length === 0 ? [] : [`for comparison, ${beside.join(', ')}`]),
  ]
  return {
    text: text.join('\n'),
    next: [`spw chess play --snapshot ${quoted(snapshot ?? '')}`],
    data: { position, moves: chosen },
  }
}

/** The same position at two Elos, beside the model without a prompt. */
async function twoElos({ api, answer, demo: { position, elos } }: Shown): Promise<Ending> {
  const { without, with: last } = ends(answer)
  const trained = await modelOf(api, last)
  const ask = (promptedModel: PromptedModel, elo: number): Promise<ChessAnswer> => {
    const both = { whiteElo: elo, blackElo: elo }
    return api.chess(
      chessRequestSchema.parse({ request: 'demo', promptedModel, moves: position, ...both }),
    )
  }
  const answers: ChessAnswer[] = []
  for (const elo of elos) answers.push(await ask(trained, elo))
  answers.unshift(await ask(await modelOf(api, without), elos[0] ?? 0))
  const names = ['start token alone', ...elos.map(elo => `at ${elo}`)]
  const top = answers.flatMap(({ moves }) => moves.slice(0, 3))
  const listed = [...new Map(top.map(({ uci, san }) => [uci, san]))]
  const rows = listed.map(([uci, san]) => [
    san,
    ...answers.map(a => percent(a.moves.find(m => m.uci === uci)?.probability ?? 0, 1)),
  ])
  const { snapshot, summary } = await api.run({ id: last.run })
  const [change, low, high] = ['', '/low', '/high'].map(
    end => summary.metrics[`Elo sensitivity${end}`]?.last,
  )
  const thousandths = (nats: number | undefined): string => (1000 * (nats ?? Number.NaN)).toFixed(1)
  const why = summary.unmeasured?.['Elo sensitivity'] ?? 'no held-out game was played'
  const sensitivity =
    change === undefined
      ? `what the Elos change is not measured: ${why}`
      : `given the true Elos instead of another game's, its loss changes by ${thousandths(change)} thousandths of a nat (95 %: ${thousandths(low)} to ${thousandths(high)}); below zero, the Elos help`
  const text = [
    `After ${position.join(' ')}, the model's moves for White:`,
    table(rows, ['move', ...names]),
    `mass on illegal text: ${answers.map(a => percent(a.illegalMass, 1)).join(', ')}`,
    sensitivity,
  ].join('\n')
  return {
    text,
    next: [
      `spw chess play --snapshot ${quoted(snapshot ?? '')}`,
      `spw uci --snapshot ${quoted(snapshot ?? '')}`,
    ],
    data: { position, elos, answers },
  }
}

async function walkedBoard({ api, answer }: Shown): Promise<Ending> {
  const { without, with: last } = ends(answer)
  const board = await api.randomBoard({ seed: 9, width: 8, height: 8 })
  const common = { request: 'demo', board, steps: 64, extraMoves: 0, wallHits: 0 }
  const walk = async (row: DemoRow) =>
    api.path(pathRequestSchema.parse({ ...common, promptedModel: await modelOf(api, row) }))
  const prompted = await walk(last)
  const bare = await walk(without)
  const { snapshot } = await api.run({ id: last.run })
  const text = [
    boardText(board, prompted),
    `with the soft prompt:     ${pathText(prompted)}`,
    `start token alone:        ${pathText(bare)}`,
    `shortest way:             ${prompted.optimalPath.join('')}`,
  ].join('\n')
  return {
    text,
    next: [`spw path --snapshot ${quoted(snapshot ?? '')} --random --seed 3 --size 8x8`],
    data: { board, prompted, bare },
  }
}

const endings: Readonly<Record<Demo['shows'], typeof texts>> = {
  position: chosenMoves,
  texts,
  elos: twoElos,
  walk: walkedBoard,
}

export const demoEnding = (shown: Shown): Promise<Ending> => endings[shown.demo.shows](shown)
