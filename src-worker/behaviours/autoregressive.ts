// Does a soft prompt make a model better at plain text? Findings: reference/published-runs.csv.

import { accumulationFor, accumulationOf32, demoInput, directPrompt } from '../spec/paper'
import { defineExperiment } from './define'
import { openTextRecipe } from './text-data'
import { textPrompts } from './text-prompts'

export const autoregressive = defineExperiment({
  kind: 'autoregressive',
  title: 'Plain text',
  explanation:
    'Trains the prompt to lower the loss on text: what a model already does, done a little better.',
  finding:
    'There is almost nothing to gain: 64 tokens lower the loss on RedPajama v2 by 0.003 (160m) to 0.026 nats (70m), and not at all on the Pile for most models.',
  openRecipe: openTextRecipe,
  demoData: 'data/demo_text_sample.jsonl.zst',
  defaults: (modelId, tokens) => ({
    data: { path: 'demo' },
    prompt: directPrompt(tokens, 'zero'),
    start: { kind: 'index', index: 0 },
    training: {
      steps: 1536,
      lanes: 32,
      accumulation: accumulationFor(modelId, accumulationOf32),
      length: 256,
    },
    results: { maxTokens: 128, softPromptAt: 'start' },
  }),
  demo: () => demoInput('autoregressive', 'workbench-demo-base'),
  evaluationPrompts: textPrompts,
})
