// One metric of several runs as a chart that grows and is zoomed; one of its lines may be the strong one.
import { computed, type Ref, ref } from 'vue'
import { tags } from '../../../src-worker/contract/metrics'
import type { RunSummary } from '../../../src-worker/contract/run'
import { useSeries } from '../../charts/use-series'
import { useChartView } from '../../stores/chart-view'
import { mainSpec } from './run-charts'

/** points of all lines together */
const mostPoints = 60_000

/** Points of one line, when all lines together get so many. */
export const shareOf = (all: number, most: number, lines: number): number =>
  Math.max(100, Math.min(most, Math.round(all / Math.max(1, lines))))

/** @param key of the series that are kept read @param strong id of a line: run|tag */
export function useOverlay(
  key: string,
  shown: () => { readonly runs: readonly RunSummary[]; readonly tag: string },
  strong: Readonly<Ref<string | undefined>>,
) {
  const { look } = useChartView()
  const view = ref<readonly [number, number] | null>(null)
  const series = useSeries(key, () => {
    const { runs, tag } = shown()
    return {
      ...{ runs: runs.map(r => r.id), x: look.x, smoothing: look.smoothing },
      tags: tag === tags.loss ? [tags.loss, tags.testLoss] : [tag],
      points: shareOf(mostPoints, 1600, runs.length),
      ...{ from: view.value?.[0] ?? null, to: view.value?.[1] ?? null },
    }
  })
  const spec = computed(() => {
    return mainSpec({ ...shown(), series: series.value, look, strong: strong.value })
  })
  return { spec, view }
}

/** Run of a line. */
export const runOfLine = (line: string | undefined): string | undefined => line?.split('|')[0]
