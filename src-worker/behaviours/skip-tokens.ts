// Can a prompt make a model predict not the next token but one further on?

import { accumulationFor, accumulationOf32, demoInput, directPrompt } from '../spec/paper'
import { defineExperiment } from './define'
import { openTextRecipe } from './text-data'
import { textPrompts } from './text-prompts'

export const skipTokens = defineExperiment({
  kind: 'skip-tokens',
  title: 'Skip tokens',
  explanation: 'Trains the prompt to make the model predict the token that comes n tokens later.',
  finding:
    'Far: 64 tokens bring the 410m model from 10.3 to 5.8 nats for one skipped token, and from 12.3 to 7.1 for eight.',
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
  demo: () => demoInput('skip-tokens', 'workbench-demo-base'),
  evaluationPrompts: textPrompts,
})
