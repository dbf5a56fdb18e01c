import { describe, expect, test } from 'vitest'
import { elosAt, sweepElos, withRow } from '../../src-renderer/stores/chess-elo'
import {
  alternatives,
  bandOf,
  diffWords,
  meanSurprise,
  percent,
  visible,
} from '../../src-renderer/stores/text-tokens'

describe('tokens', () => {
  test.each([
    [1, 'p5'],
    [0.75, 'p5'],
    [0.5, 'p4'],
    [0.3, 'p3'],
    [0.05, 'p2'],
    [0.001, 'p1'],
    [0, 'p1'],
  ])('probability %s lies in band %s', (probability, band) => {
    expect(bandOf(Math.log(probability))).toBe(band)
  })

  test.each([
    [0.4567, '46 %'],
    [0.0456, '4.6 %'],
    [0.0002, '< 0.1 %'],
    [0, '0 %'],
    [1, '100 %'],
  ])('%s is %s', (probability, text) => expect(percent(probability)).toBe(text))

  test('white space is visible', () => {
    expect(visible(' a\n')).toBe('␣a↵')
    expect(visible('')).toBe('(part of a character)')
  })

  test('the chosen token is always among the alternatives', () => {
    const token = { id: 1, text: ' c', logProb: -3, top: [{ text: ' a', logProb: -1 }] }
    expect(alternatives(token)).toEqual([
      { text: '␣a', percent: '37 %', chosen: false },
      { text: '␣c', percent: '5.0 %', chosen: true },
    ])
    expect(meanSurprise([token])).toBe(3)
    expect(meanSurprise([])).toBeNull()
  })

  test('a diff marks the words that are new, and joins back to the text', () => {
    const parts = diffWords('the quick brown fox', 'the slow brown dog')
    expect(parts.filter(p => p.fresh).map(p => p.text.trim())).toEqual(['slow', 'dog'])
    expect(parts.map(p => p.text).join('')).toBe('the slow brown dog')
    expect(diffWords('', 'a b').every(p => p.fresh)).toBe(true)
    expect(diffWords('a b', 'a b').some(p => p.fresh)).toBe(false)
  })
})

describe('Elo sweep', () => {
  test('even, rounded to 50, without repeats', () => {
    expect(sweepElos(800, 2400, 5)).toEqual([800, 1200, 1600, 2000, 2400])
    expect(sweepElos(600, 700, 5)).toEqual([600, 650, 700])
    expect(sweepElos(1500, 1500, 3)).toEqual([1500])
  })

  test('only the side to move is re-read', () => {
    const elos = { white: 1000, black: 2000 }
    expect(elosAt('w', 1700, elos)).toEqual({ whiteElo: 1700, blackElo: 2000 })
    expect(elosAt('b', 1700, elos)).toEqual({ whiteElo: 1000, blackElo: 1700 })
  })

  test('rows are sorted and replaced', () => {
    const row = (elo: number, first: string) => ({
      elo,
      first,
      firstProbability: 0.5,
      second: 'd4',
      secondProbability: 0.1,
      illegalMass: 0.02,
    })
    const rows = withRow(withRow(withRow([], row(1500, 'e4')), row(800, 'd4')), row(1500, 'Nf3'))
    expect(rows.map(r => [r.elo, r.first])).toEqual([
      [800, 'd4'],
      [1500, 'Nf3'],
    ])
  })
})
