// An experiment from what is its own: the rest (opening, preview) is the same for all.
import type { Experiment, ExperimentDefinition } from './experiment'
import { openRun } from './open'
import { previewExamples } from './preview'

export const defineExperiment = (own: ExperimentDefinition): Experiment => ({
  ...own,
  open: context => openRun(own, context),
  preview: (context, count) => previewExamples(own, context, count),
})
