// Calls about demos: the questions, and the answer that the runs of one give.
import { basename, join } from 'node:path'
import { demoAnswer } from '../analysis/demo-answer'
import { analysedRun } from '../analysis/runs'
import { demos } from '../behaviours/demos'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import { homePaths } from '../train/home'
import type { Context } from './context'

export type DemoCalls = Pick<WorkbenchApi, 'demos' | 'demoAnswer'>

export const demoCalls = ({ home }: Context, known: ReadonlySet<string>): DemoCalls => ({
  demos: async () => [...demos()],
  demoAnswer: async ({ demo, runs }) => {
    const read = (id: string) => analysedRun(join(homePaths(home).runs, basename(id)), known)
    const cells = demo.parts.flatMap(part => part.cells)
    const unknown = Object.keys(runs).find(id => cells.every(cell => cell.id !== id))
    if (unknown !== undefined)
      throw new Fault('usage', `the demo has no run ${unknown}`, `Name cells of ${demo.name}.`)
    const found = Object.entries(runs).map(async ([id, run]) => [id, await read(run)] as const)
    return demoAnswer(demo, new Map(await Promise.all(found)))
  },
})
