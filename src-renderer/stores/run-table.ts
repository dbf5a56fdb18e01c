// How the table of runs is looked at; kept over restarts, but for the selection.
import { defineStore } from 'pinia'
import { reactive, ref } from 'vue'
import { z } from 'zod'
import { usualColumns } from '../components/runs/run-columns'
import { keep, kept } from './kept'

const name = 'run-table'
const schema = z.object({
  columns: z.array(z.string()).default([...usualColumns]),
  order: z
    .object({ column: z.string(), descending: z.boolean() })
    .default({ column: 'created', descending: true }),
  /** the selected runs laid over each other above the table */
  chart: z.boolean().default(true),
  group: z.enum(['none', 'seeds', 'sweep', 'experiment']).default('none'),
})

export const useRunTable = defineStore('run-table', () => {
  const look = reactive(kept(name, schema))
  const selected = ref<ReadonlySet<string>>(new Set())
  /** the run that is pointed at, in the table or in its chart */
  const near = ref<string | undefined>()
  const openGroups = ref<ReadonlySet<string>>(new Set())
  keep(name, look)

  const flipped = (from: ReadonlySet<string>, key: string): ReadonlySet<string> => {
    const next = new Set(from)
    if (!next.delete(key)) next.add(key)
    return next
  }
  const toggle = (id: string) => {
    selected.value = flipped(selected.value, id)
  }
  const toggleGroup = (key: string) => {
    openGroups.value = flipped(openGroups.value, key)
  }
  const select = (ids: Iterable<string>) => {
    selected.value = new Set(ids)
  }
  const sortBy = (column: string) => {
    const same = look.order.column === column
    look.order = { column, descending: same ? !look.order.descending : false }
  }

  return { look, selected, near, openGroups, toggle, toggleGroup, select, sortBy }
})
