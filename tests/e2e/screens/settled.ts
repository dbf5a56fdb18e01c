// Waits until nothing trains.
import { type App, ask } from '../open-app'

export async function settled({ page }: App): Promise<void> {
  for (;;) {
    const open = (await ask(page, 'runs', {})).filter(
      ({ state }) => !['done', 'failed', 'stopped', 'interrupted'].includes(state.kind),
    )
    if (open.length === 0) return
    await new Promise(done => setTimeout(done, 500))
  }
}
