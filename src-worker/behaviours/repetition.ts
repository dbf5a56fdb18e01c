// Can a prompt make a model say one thing for ever, whatever the text before it?

import { accumulationFor, demoInput, directPrompt } from '../spec/paper'
import { defineExperiment } from './define'
import { openTextRecipe } from './text-data'
import { textPrompts } from './text-prompts'

export const repetition = defineExperiment({
  kind: 'repetition',
  title: 'Repetition',
  explanation: 'Trains the prompt to make the model repeat a given text whatever it reads.',
  finding:
    'Near when short: one token makes the 410m model repeat "pee" at 0.16 nats, four at 0.0003; the longer texts need 64 tokens (0.02 and 0.002 nats).',
  openRecipe: openTextRecipe,
  demoData: 'data/demo_text_sample.jsonl.zst',
  defaults: (modelId, tokens) => ({
    data: { path: 'demo' },
    prompt: directPrompt(tokens, 'zero'),
    start: { kind: 'random' },
    training: {
      steps: 512,
      lanes: 256,
      accumulation: accumulationFor(modelId, [8, 16, 32, 64]),
      length: 256,
    },
    results: { maxTokens: 128, softPromptAt: 'end' },
  }),
  demo: () => demoInput('repetition', 'workbench-demo-base'),
  evaluationPrompts: textPrompts,
})
