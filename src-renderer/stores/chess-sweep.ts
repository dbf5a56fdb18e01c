// The position on the board read at other Elos. Rows belong to one position: another position
// empties them.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import type { ChessAnswer } from '../../src-worker/contract/playground'
import { call } from '../workbench'
import { useChess } from './chess'
import { curveOf, eloRow, elosAt, sweepElos } from './chess-elo'
import { requestName } from './playground-ask'

export const useChessSweep = defineStore('chess-sweep', () => {
  const chess = useChess()
  const from = ref(600)
  const to = ref(3000)
  const count = ref(5)
  const probe = ref(1500)
  const answers = shallowRef<ReadonlyMap<number, ChessAnswer>>(new Map())
  const waiting = shallowRef<readonly number[]>([])
  const fault = shallowRef<Fault | null>(null)
  // a new number makes every answer under way a stale one
  let round = 0
  let inFlight = ''

  const rows = computed(() =>
    [...answers.value].map(([elo, answer]) => eloRow(elo, answer)).sort((a, b) => a.elo - b.elo),
  )
  /** probability of the move that is best at the probe's Elo, over all Elos read */
  const curve = computed(() => {
    const best = answers.value.get(probe.value)?.moves[0]
    return best ? { san: best.san, points: curveOf(answers.value, best.uci) } : null
  })

  const clear = () => {
    round++
    if (inFlight) void call('cancel', { request: inFlight }).catch(() => undefined)
    inFlight = ''
    answers.value = new Map()
    waiting.value = []
    fault.value = null
  }

  /** Read one after the other, what is not read yet. */
  const read = async (elos: readonly number[]) => {
    const mine = ++round
    fault.value = null
    waiting.value = elos.filter(elo => !answers.value.has(elo))
    while (waiting.value.length > 0 && mine === round) {
      const elo = waiting.value[0] as number
      try {
        inFlight = requestName('chess-elo')
        const request = {
          ...chess.request(inFlight, 'none'),
          ...elosAt(chess.turn, elo, chess.elos),
        }
        const answer = await call('chess', request)
        if (mine !== round) return
        answers.value = new Map(answers.value).set(elo, answer)
        waiting.value = waiting.value.slice(1)
      } catch (error) {
        if (mine !== round) return
        const wrong = asFault(error)
        if (wrong.code !== 'cancelled') fault.value = wrong
        waiting.value = []
      }
    }
  }

  // rows belong to one position, prompted model and opponent, also while no screen shows them
  watch(() => JSON.stringify({ ...chess.request('', 'none'), seed: 0 }), clear)

  /** All of them anew. */
  const sweep = () => {
    clear()
    return read(sweepElos(from.value, to.value, count.value))
  }
  const readProbe = (elo: number) => {
    probe.value = elo
    return read([elo])
  }

  return { from, to, count, probe, answers, waiting, fault, rows, curve, clear, sweep, readProbe }
})
