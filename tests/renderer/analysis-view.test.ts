// Laws of the Analysis screen, on the published runs as the engine reads them.
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  colourOf,
  curveChart,
  curvesOf,
  guardsOf,
  matrixCsv,
  matrixTable,
  neededRows,
} from '../../src-renderer/stores/analysis-view'
import { analyse } from '../../src-worker/analysis/analyse'
import { publishedRuns } from '../../src-worker/analysis/published'
import type { Analysis } from '../../src-worker/contract/analysis'
import { laidOver } from '../../src-worker/shared/plain-object'

let analysis: Analysis
beforeAll(async () => {
  const runs = await publishedRuns(resolve(__dirname, '../../resources'))
  analysis = analyse(runs, { draws: 200 })
})

describe('curves', () => {
  test('each behaviour draws one dashed line a model, with every point with a warning hollow', () => {
    for (const { id } of analysis.behaviours) {
      const curves = curvesOf(analysis, id)
      const spec = curveChart(analysis, id, undefined)
      expect(spec.series.filter(s => !s.id.endsWith('untrained'))).toHaveLength(curves.length)
      expect(spec.series.every(s => s.dashed)).toBe(true)
      const warned = guardsOf(curves).filter(d => d.guard.level === 'warning')
      const points = new Set(warned.map(d => `${d.curve} ${d.tokens}`))
      const hollow = spec.series.flatMap(s => (s.hollow ?? []).map(i => `${s.id} ${s.x[i]}`))
      expect(new Set(hollow)).toEqual(points)
    }
  })

  test('a way of training a model has one colour everywhere', () => {
    for (const curve of analysis.curves) {
      const spec = curveChart(analysis, curve.behaviour, undefined)
      const colour = spec.series.find(s => s.id === curve.id)?.colour
      expect(colour).toBe(colourOf(analysis, curve))
    }
  })

  test('the nearest model comes first; censored answers are never bare numbers', () => {
    const rows = neededRows(curvesOf(analysis, 'repetition pee / RedPajamaV2'))
    expect(rows.map(r => r.tokens)).toEqual(['≤ 1', '≤ 1', '≤ 1'])
  })
})

describe('the matrix', () => {
  test('sorting by a column puts its nearest first and its missing last', () => {
    const column = 'skip 1 / RedPajamaV2'
    const table = matrixTable(analysis, { byColumn: column, byRow: '' })
    const at = table.columns.findIndex(c => c.id === column)
    const cells = table.rows.map(row => row.cells[at])
    const missing = cells.indexOf(undefined)
    expect(cells.slice(missing).every(c => c === undefined)).toBe(true)
    const tokens = cells.flatMap(c => (c && 'tokens' in c.needed ? [c.needed.tokens] : []))
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b))
  })

  test('its CSV has a number and an interval for each behaviour', () => {
    const table = matrixTable(analysis, { byColumn: '', byRow: '' })
    const lines = matrixCsv(table).trim().split('\r\n')
    expect(lines).toHaveLength(table.rows.length + 1)
    expect(lines[0]).toContain('skip 1,skip 1 95 %')
  })
})

test('a suggestion is laid over a spec and changes nothing else', () => {
  const spec = { seed: 1, training: { steps: 10, lanes: 4 }, model: 'm' }
  expect(laidOver(spec, { seed: 2 })).toEqual({ ...spec, seed: 2 })
  expect(laidOver(spec, { training: { steps: 20 } })).toEqual({
    ...spec,
    training: { steps: 20, lanes: 4 },
  })
})
