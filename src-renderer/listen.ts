// Connects the engine's events to the stores, and reads everything again whenever the engine is (back) there.
import { openPaths } from './open-paths'
import { router } from './router'
import { useAnswers } from './stores/answers'
import { useEngine } from './stores/engine'
import { useLibrary } from './stores/library'
import { useMachines } from './stores/machines'
import { useRunMetrics } from './stores/run-metrics'
import { useRuns } from './stores/runs'
import { useServing } from './stores/serving'
import { useSettings } from './stores/settings'
import { on } from './workbench'

export async function listen(): Promise<void> {
  const engine = useEngine()
  const answers = useAnswers()
  const runs = useRuns()
  const library = useLibrary()
  const metrics = useRunMetrics()
  const settings = useSettings()
  const serving = useServing()

  const readAll = () => {
    void engine.load()
    void runs.load()
    void answers.load()
    void library.load()
    void settings.load()
    void serving.read()
    metrics.readAgain()
  }
  const acceptState: typeof engine.accept = state => {
    const wasReady = engine.state === 'ready'
    engine.accept(state)
    if (state.kind === 'ready' && !wasReady) readAll()
  }

  on('engineState', acceptState)
  on('runsChanged', change => {
    runs.accept(change)
    metrics.acceptRuns(change.runs)
  })
  on('metrics', metrics.accept)
  on('answerChanged', answers.accept)
  on('downloads', library.acceptDownloads)
  on('libraryChanged', ({ what }) => {
    if (what === 'settings') void settings.load()
    else if (what === 'server') void serving.read()
    else void library.reload(what)
  })
  on('log', runs.acceptLog)
  on('openPaths', ({ paths }) => void openPaths(paths, router))
  await useMachines().load()
  await engine.readState()
  if (engine.state === 'ready') readAll()
}
