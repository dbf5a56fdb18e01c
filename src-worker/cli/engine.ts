// The workbench in this process, for commands that answer one question.
import type { Emit, WorkbenchApi } from '../contract/api'
import { createWorkbench } from '../workbench'
import { places } from './train'

/** Opens the workbench, does the work, closes it: all sessions are released whatever happens. */
export async function withWorkbench<T>(
  work: (api: WorkbenchApi) => Promise<T>,
  emit: Emit = () => undefined,
): Promise<T> {
  const setup = { ...places(), host: 'command-line' } as const
  const engine = await createWorkbench(setup, { emit })
  try {
    return await work(engine.api)
  } finally {
    await engine.close()
  }
}
