// The path room: a board to draw, a model that walks it step by step, an own route, and a bare
// model beside it.
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef, toRefs } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type {
  Board,
  PathAnswer,
  PathRequest,
  PromptedModel,
} from '../../src-worker/contract/playground'
import { call } from '../workbench'
import { keep, kept } from './kept'
import {
  boardProblem,
  boardText,
  emptyBoard,
  type Place,
  paint,
  readBoard,
  type Tool,
} from './path-board'
import { drawTo, type Move, score } from './path-route'
import { keptBoard, pathSettingsSchema } from './paths-kept'
import { usePlayground } from './playground'
import { useAsking } from './playground-ask'
import { useToasts } from './toasts'

export type Pen = Tool | 'route'
type Walked = PathAnswer['steps'][number]

/** One walker and how far it has come. */
function useWalker(purpose: string) {
  const asking = useAsking<PathAnswer>(purpose)
  const walked = shallowRef<readonly Walked[]>([])
  const last = shallowRef<PathAnswer | null>(null)
  const ended = computed(() => last.value !== null && last.value.result.end !== 'walking')
  const reset = () => {
    asking.clear()
    walked.value = []
    last.value = null
  }
  /** Walk on from where it stands. */
  const walk = async (request: Omit<PathRequest, 'request' | 'moves'>): Promise<boolean> => {
    const moves = walked.value.map(step => step.move)
    const answer = await asking.ask(name => call('path', { ...request, request: name, moves }))
    if (answer === undefined) return false
    walked.value = [...walked.value, ...answer.steps]
    last.value = answer
    return true
  }
  return { asking, walked, last, ended, reset, walk }
}

export const usePaths = defineStore('paths', () => {
  const playground = usePlayground()
  const toasts = useToasts()
  const board = shallowRef<Board>(keptBoard())
  keep('paths-board', () => ({ text: boardText(board.value) }))
  const settings = reactive(kept('paths-settings', pathSettingsSchema))
  keep('paths-settings', settings)
  const { boardSeed, extraMoves, wallHits, constrained, spaces, movesLine } = toRefs(settings)
  const { temperature, seed, withBare, showOptimum, speed } = toRefs(settings)
  const pen = ref<Pen>('wall')
  const width = ref(board.value.width)
  const height = ref(board.value.height)
  const playing = ref(false)
  const route = shallowRef<readonly Move[]>([])
  const fault = shallowRef<Fault | null>(null)
  const prompted = useWalker('path')
  const bare = useWalker('path-bare')

  const problem = computed(() => boardProblem(board.value))
  const routeScore = computed(() => score(board.value, route.value))
  const hasPrompt = computed(() => playground.entry('paths') !== null)
  const ended = computed(
    () => prompted.ended.value && (!withBare.value || !hasPrompt.value || bare.ended.value),
  )

  /** A changed board or setting makes what was walked untrue. */
  const restart = () => {
    pause()
    prompted.reset()
    bare.reset()
  }
  const setBoard = (next: Board) => {
    if (next === board.value) return
    board.value = next
    width.value = next.width
    height.value = next.height
    route.value = []
    fault.value = null
    restart()
  }

  const touch = (place: Place, with_: Pen = pen.value) => {
    if (with_ === 'route') route.value = drawTo(board.value, route.value, place)
    else setBoard(paint(board.value, place, with_))
  }
  const clearBoard = () => setBoard(emptyBoard(width.value, height.value))
  const randomise = async () => {
    const args = { seed: boardSeed.value, width: width.value, height: height.value }
    const next = await toasts.attempt(call('randomBoard', args))
    if (next) setBoard(next)
  }
  const paste = (text: string) => {
    try {
      setBoard(readBoard(text))
    } catch (error) {
      fault.value = asFault(error)
    }
  }

  const request = (promptedModel: PromptedModel, steps: number) => ({
    promptedModel,
    board: board.value,
    spaces: spaces.value,
    movesLine: movesLine.value,
    extraMoves: extraMoves.value,
    wallHits: wallHits.value,
    constrained: constrained.value,
    steps,
    temperature: temperature.value,
    seed: seed.value,
  })

  /** Both walkers go `steps` further; one that has ended stays. */
  const step = async (steps = 1): Promise<boolean> => {
    if (problem.value) return false
    const unprompted = { model: playground.bareModel('paths'), snapshot: '', startToken: false }
    const going: Promise<boolean>[] = []
    if (!prompted.ended.value)
      going.push(prompted.walk(request(playground.promptedModel('paths'), steps)))
    if (withBare.value && hasPrompt.value && !bare.ended.value)
      going.push(bare.walk(request(unprompted, steps)))
    return going.length > 0 && (await Promise.all(going)).every(Boolean)
  }

  let round = 0
  const pause = () => {
    round++
    playing.value = false
  }
  /** Step by step at the chosen speed, until the end, a fault or pause. */
  const play = async () => {
    if (ended.value) restart()
    const mine = ++round
    playing.value = true
    while (mine === round && !ended.value) {
      const began = performance.now()
      if (!(await step())) break
      const rest = 1000 / speed.value - (performance.now() - began)
      if (rest > 0) await new Promise(done => setTimeout(done, rest))
    }
    if (mine === round) playing.value = false
  }
  /** To the end in one request. */
  const finish = () => {
    pause()
    return step(Math.min(1024, 4 * board.value.width * board.value.height))
  }

  return {
    ...{ board, pen, width, height, boardSeed, extraMoves, wallHits, constrained, spaces },
    ...{ movesLine, temperature, seed, withBare, showOptimum, speed, playing, route, fault },
    ...{ prompted, bare, problem, routeScore, hasPrompt, ended, restart, setBoard, touch },
    ...{ clearBoard, randomise, paste, step, play, pause, finish },
  }
})
