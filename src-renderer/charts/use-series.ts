// Keeps the series of a chart read and growing for as long as the calling component lives.
import { computed, onScopeDispose, watchEffect } from 'vue'
import { type SeriesRequest, useRunMetrics } from '../stores/run-metrics'

export function useSeries(key: string, request: () => SeriesRequest) {
  const metrics = useRunMetrics()
  watchEffect(() => metrics.watch(key, request()))
  onScopeDispose(() => metrics.unwatch(key))
  // a new array each time, as the series in it grow in place
  return computed(() => [...metrics.seriesOf(key)])
}
