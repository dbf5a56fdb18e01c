// How charts of runs are looked at; kept over screens and restarts.
import { defineStore } from 'pinia'
import { reactive, watch } from 'vue'
import { z } from 'zod'
import { xAxisSchema } from '../../src-worker/contract/metrics'

const keptAs = 'chart-view'
const schema = z.object({
  x: xAxisSchema.default('step'),
  logX: z.boolean().default(false),
  logY: z.boolean().default(false),
  /** weight of the past in the moving average */
  smoothing: z.number().min(0).max(0.999).default(0.9),
})

function kept(): z.output<typeof schema> {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(keptAs) ?? '{}'))
  } catch {
    return schema.parse({})
  }
}

export const useChartView = defineStore('chart-view', () => {
  const look = reactive(kept())
  watch(look, now => localStorage.setItem(keptAs, JSON.stringify(now)))
  return { look }
})
