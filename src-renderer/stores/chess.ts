// The chess room: a game against the prompted model, what it thinks of the position on the board,
// and its replies; long because everything here changes the one game on the board.
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef, toRefs } from 'vue'
import { asFault, Fault } from '../../src-worker/contract/fault'
import type { ChessAnswer, ChessRequest } from '../../src-worker/contract/playground'
import { plural } from '../text/format'
import { call } from '../workbench'
import { inRange } from './chess-elo'
import { useChessEvaluation } from './chess-evaluation'
import {
  agreeDraw,
  boardOf,
  type Colour,
  fenOf,
  type Game,
  newGame,
  other,
  play,
  resign,
  resultOf,
  resultText,
  stepped,
  takeBack,
  turnOf,
  uciMoves,
} from './chess-game'
import { chessSettingsSchema, keptGame } from './chess-kept'
import { materialLead } from './chess-material'
import { readGame, toPgn } from './chess-pgn'
import { sayMove, sayState } from './chess-speech'
import { useVariations } from './chess-variations'
import { keep, kept } from './kept'
import { usePlayground } from './playground'
import { useAsking } from './playground-ask'
import { conditionNames } from './text-request'

/** How an offer of a draw is answered. */
export const drawRule = 'The model cannot read an offer: it accepts unless it is ahead in material.'

export const useChess = defineStore('chess', () => {
  const playground = usePlayground()
  const game = shallowRef<Game>(keptGame())
  keep('chess-game', () => ({ pgn: toPgn(game.value, {}) }))
  const evaluation = useChessEvaluation()
  const settings = reactive(kept('chess-settings', chessSettingsSchema))
  keep('chess-settings', settings)
  const { you, flipped, modelElo, yourElo, temperature, topP, policy } = toRefs(settings)
  const { tries, seed, readsYours, arrows, twoElos } = toRefs(settings)
  /** half-moves shown; null: all of them */
  const viewed = ref<number | null>(null)
  /** last words of the room, for the live region */
  const said = ref('')
  /** the answer that the model's last move came from */
  const reply = shallowRef<ChessAnswer | null>(null)
  /** it wrote nothing legal in raw mode: it waits for a decision */
  const stuck = ref(false)
  const asking = useAsking<ChessAnswer>('chess')

  const shown = computed(() =>
    viewed.value === null
      ? game.value
      : takeBack(game.value, game.value.plies.length - viewed.value),
  )
  const fen = computed(() => fenOf(shown.value))
  const turn = computed(() => turnOf(shown.value))
  const result = computed(() => resultOf(game.value))
  const over = computed(() => result.value.kind === 'over')
  /** also in an earlier position: a move there begins a variation */
  const yourTurn = computed(() => resultOf(shown.value).kind !== 'over' && turn.value === you.value)
  const status = computed(() => {
    if (viewed.value !== null)
      return yourTurn.value
        ? 'An earlier position: a move here begins a variation.'
        : 'An earlier position.'
    if (over.value) return 'Game over.'
    if (yourTurn.value) return 'Your turn.'
    return asking.busy.value ? 'The model is thinking…' : 'The model’s turn.'
  })
  const orientation = computed<Colour>(() => (flipped.value ? other(you.value) : you.value))
  const elos = computed(() =>
    you.value === 'w'
      ? { white: yourElo.value, black: modelElo.value }
      : { white: modelElo.value, black: yourElo.value },
  )

  /** the prompted model is made from both players' Elos: a bare model and most snapshots are not */
  const hearsElo = computed(() => conditionNames(playground.entry('chess')).length >= 2)

  const request = (
    name: string,
    choose: ChessRequest['choose'],
    moves = uciMoves(shown.value),
  ): ChessRequest => ({
    request: name,
    promptedModel: playground.promptedModel('chess'),
    fen: game.value.start,
    moves,
    whiteElo: elos.value.white,
    blackElo: elos.value.black,
    choose,
    temperature: temperature.value,
    topP: topP.value,
    seed: seed.value,
    tries: tries.value,
    surprise: true,
  })

  /** of the position after so many half-moves, read alone */
  const requestAt = (plies: number) => request('', 'none', uciMoves(game.value).slice(0, plies))

  /**
   * Read the position shown; on the model's turn it also moves. Called whenever the position or a
   * setting changed.
   */
  const think = async () => {
    stuck.value = false
    const atEnd = viewed.value === null
    const its = atEnd && !over.value && turn.value !== you.value
    if ((atEnd && over.value) || !hasModel() || (atEnd && !its && !readsYours.value)) {
      asking.clear()
      return
    }
    const asked = shown.value
    const choose = its ? policy.value : 'none'
    const sent = request('', choose)
    const answer = await asking.ask(name => call('chess', { ...sent, request: name }))
    if (answer !== undefined) evaluation.note(sent, answer)
    if (answer === undefined || !its || game.value !== asked) return
    reply.value = answer
    if (answer.chosen === null) stuck.value = true
    else setGame(play(game.value, answer.chosen))
  }
  const hasModel = () => {
    const { model, snapshot } = playground.promptedModel('chess')
    return model !== '' || snapshot !== ''
  }

  const setGame = (next: Game) => {
    const grown = next.plies.length > game.value.plies.length
    game.value = next
    viewed.value = null
    const last = next.plies.at(-1)
    const words = resultText(resultOf(next))
    if (grown && last) said.value = [sayMove(last.san), words].filter(Boolean).join('. ')
    else said.value = words || sayState(next)
  }

  /** Your move, as SAN or UCI. A fault says why not. */
  const move = (text: string): Fault | null => {
    try {
      if (resultOf(shown.value).kind !== 'over' && turn.value !== you.value)
        throw new Fault('busy', 'It is the model’s turn.', 'Wait for its move, or take back.')
      reply.value = null
      lines.follow(text)
      return null
    } catch (error) {
      return asFault(error)
    }
  }

  const lines = useVariations(game, viewed, setGame)
  /** Another line on the board. */
  const switchTo = (line: Game) => {
    asking.clear()
    reply.value = null
    lines.switchTo(line)
  }
  /** A move of either side from the position shown. */
  const explore = (uci: string) => {
    asking.clear()
    reply.value = null
    lines.follow(uci)
  }
  const step = (by: number) => {
    viewed.value = stepped(game.value, viewed.value, by)
  }

  /** The model's move by your hand, when it was stuck. */
  const moveForModel = (uci: string) => setGame(play(game.value, uci))

  const calledOff = computed(() => game.value.ending.kind !== 'none')
  const canGoBack = computed(() => calledOff.value || game.value.plies.length > 0)
  /** Back to your last turn; of a game that was called off, only that is taken back. */
  const back = () => {
    if (!canGoBack.value) {
      said.value = 'Nothing was played yet.'
      return
    }
    const since = turnOf(game.value) === you.value ? 2 : 1
    const count = calledOff.value ? 0 : since
    reply.value = null
    setGame(takeBack(game.value, count))
  }

  /** Where moves are drawn, each new game draws others: its seed is one more, and stands in its PGN. */
  const start = () => {
    if (policy.value !== 'argmax' && game.value.plies.length > 0) seed.value += 1
    begin(newGame())
  }
  const begin = (next: Game, others: readonly Game[] = []) => {
    asking.clear()
    reply.value = null
    setGame(next)
    lines.replace(others)
  }

  const giveUp = () => {
    if (!over.value) setGame(resign(game.value, you.value))
  }

  const offerDraw = () => {
    if (over.value) return
    const lead = materialLead(boardOf(game.value), other(you.value))
    if (lead <= 0) setGame(agreeDraw(game.value))
    said.value =
      lead <= 0 ? `${said.value} ${drawRule}` : `Declined: it is ahead by ${lead}. ${drawRule}`
  }

  /** What the model would play for you. */
  const hint = async () => {
    if (!yourTurn.value) {
      said.value = `No hint: ${status.value}`
      return
    }
    const answer =
      asking.answer.value ?? (await asking.ask(name => call('chess', request(name, 'none'))))
    const best = answer?.moves[0]
    if (best) said.value = `Hint: ${sayMove(best.san)} (${best.san}).`
  }

  const pgn = (date: Date): string => {
    const entry = playground.entry('chess')
    const name = entry
      ? `${entry.metadata.model} with ${plural(entry.metadata.shape.tokens, 'token')}`
      : playground.bareModel('chess')
    const headers = {
      Date: date.toISOString().slice(0, 10).replaceAll('-', '.'),
      ...{ White: you.value === 'w' ? 'You' : name, Black: you.value === 'w' ? name : 'You' },
      ...{ WhiteElo: String(elos.value.white), BlackElo: String(elos.value.black) },
      ...{ SnapshotId: entry?.path ?? 'none', Policy: policy.value },
      ...{ Temperature: String(temperature.value), Seed: String(seed.value) },
    }
    const others = lines.variations.value.map(({ line }) => line)
    return toPgn(game.value, headers, others)
  }

  /** A FEN or a PGN. */
  const load = (text: string): Fault | null => {
    try {
      const { game: loaded, headers, others, unread } = readGame(text)
      const [white, black] = [Number(headers.WhiteElo), Number(headers.BlackElo)].map(inRange)
      if (white) (you.value === 'w' ? yourElo : modelElo).value = white
      if (black) (you.value === 'b' ? yourElo : modelElo).value = black
      if (/^\d+$/.test(headers.Seed ?? '')) seed.value = Number(headers.Seed)
      begin(loaded, others)
      if (unread > 0) said.value += ` ${plural(unread, 'variation')} could not be read.`
      return null
    } catch (error) {
      return asFault(error)
    }
  }

  return {
    ...{ game, viewed, you, flipped, modelElo, yourElo, temperature, topP, policy, tries, seed },
    ...{ readsYours, arrows, said, reply, stuck, asking, shown, fen, turn, result, over, yourTurn },
    ...{ orientation, elos, request, think, move, moveForModel, back, start, giveUp, offerDraw },
    ...{ status, canGoBack, twoElos, hearsElo, explore, step },
    ...{ hint, pgn, load, requestAt, switchTo, variations: lines.variations },
  }
})
