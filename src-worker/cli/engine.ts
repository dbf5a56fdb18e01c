// The workbench in this process: every command works through the same contract as the window.
import type { Emit, EventData, EventName, WorkbenchApi } from '../contract/api'
import { homeFolder, type Places, resourcesFolder } from '../train/home'
import { createWorkbench } from '../workbench'

export const places = (): Places => ({ home: homeFolder(), resources: resourcesFolder() })

export type Listeners = {
  readonly [N in EventName]?: (data: EventData<N>) => void
}

export interface Workbench {
  readonly api: WorkbenchApi
  /** hears events until the returned function is called */
  on(listeners: Listeners): () => void
}

/**
 * Opens the workbench, does the work, closes it: all sessions are released whatever happens.
 * @param first hears of what happens while it opens, too
 */
export async function withWorkbench<T>(
  work: (workbench: Workbench) => Promise<T>,
  first: Listeners = {},
  at: Places = places(),
): Promise<T> {
  const all = new Set<Listeners>([first])
  const emit: Emit = (name, data) => {
    for (const listeners of all) listeners[name]?.(data)
  }
  const engine = await createWorkbench({ ...at, host: 'command-line' }, { emit })
  try {
    return await work({
      api: engine.api,
      on: listeners => {
        all.add(listeners)
        return () => all.delete(listeners)
      },
    })
  } finally {
    await engine.close()
  }
}
