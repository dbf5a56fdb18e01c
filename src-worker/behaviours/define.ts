// An experiment from what is its own: the rest (opening, preview) is the same for all.

import { openRun } from '../stream/open'
import { previewExamples } from '../stream/preview'
import type { Experiment, ExperimentDefinition } from './behaviour'

export const defineExperiment = (own: ExperimentDefinition): Experiment => ({
  ...own,
  open: context => openRun(own, context),
  preview: (context, count) => previewExamples(own, context, count),
})
