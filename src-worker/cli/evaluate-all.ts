// spw eval --all-checkpoints: the full test of each checkpoint of a run, on the same batches.
import { withWorkbench } from './engine'
import { onStopSignal } from './stop-signal'
import { exitCodes, type Terminal, table } from './terminal'

const request = 'evaluate checkpoints'

export async function evaluateAll(terminal: Terminal, name: string): Promise<number> {
  return withWorkbench(async ({ api, on }) => {
    const { id } = await api.findRun({ name })
    const unsubscribe = on({
      progress: event => {
        if (event.request === request) terminal.progress(event.doing, event.fraction)
      },
    })
    const unhear = onStopSignal(() => void api.cancel({ request }))
    try {
      await api.evaluateCheckpoints({ request, id })
    } finally {
      unhear()
      unsubscribe()
    }
    const { checkpoints } = await api.run({ id })
    const rows = checkpoints.map(({ step, quickTest, fullTest }) => ({ step, quickTest, fullTest }))
    const text = (x: number | null): string => x?.toFixed(4) ?? ''
    const cells = rows.map(row => [row.step, text(row.quickTest), text(row.fullTest)])
    terminal.answer(
      { run: id, checkpoints: rows },
      table(cells, ['step', 'quick test', 'full test']),
    )
    return exitCodes.done
  })
}
