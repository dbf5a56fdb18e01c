// Exploratory: a prompt that helps only with what comes later. Not in the paper's results.

import { accumulationFor, accumulationOf32, demoInput, directPrompt } from '../spec/paper'
import { defineExperiment } from './define'
import { openTextRecipe } from './text-data'
import { textPrompts } from './text-prompts'

export const favorFuture = defineExperiment({
  kind: 'favor-future',
  title: 'Favour the future',
  explanation:
    'Next tokens count the more, the further they lie behind the prompt: does it help later on?',
  finding: 'Exploratory: the paper reports no result for it.',
  openRecipe: openTextRecipe,
  demoData: 'data/demo_text_sample.jsonl.zst',
  defaults: (modelId, tokens) => ({
    data: { path: 'demo' },
    prompt: directPrompt(tokens, 'zero'),
    start: { kind: 'random' },
    training: {
      steps: 1536,
      lanes: 32,
      accumulation: accumulationFor(modelId, accumulationOf32),
      length: 256,
    },
    results: { maxTokens: 32, softPromptAt: 'end' },
  }),
  demo: () => demoInput('favor-future', 'workbench-demo-base'),
  evaluationPrompts: textPrompts,
})
