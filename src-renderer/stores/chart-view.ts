// How charts of runs are looked at; kept over screens and restarts.
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { z } from 'zod'
import { xAxisSchema } from '../../src-worker/contract/metrics'
import { keep, kept } from './kept'

const name = 'chart-view'
const schema = z.object({
  x: xAxisSchema.default('step'),
  logX: z.boolean().default(false),
  logY: z.boolean().default(false),
  /** weight of the past in the moving average */
  smoothing: z.number().min(0).max(0.999).default(0.9),
})

export const useChartView = defineStore('chart-view', () => {
  const look = reactive(kept(name, schema))
  keep(name, look)
  return { look }
})
