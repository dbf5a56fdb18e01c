// Does a soft prompt make a model better at plain text? The measure of all others: everything it learns is a gain.
import { defineExperiment } from './define'
import { accumulationFor, accumulationOf32, demoInput, directPrompt } from './paper'
import { textPrompts } from './text-prompts'
import { openTextRecipe } from './text-recipe'

export const autoregressive = defineExperiment({
  kind: 'autoregressive',
  title: 'Plain text',
  explanation:
    'Trains the prompt to lower the loss on text: what a model already does, done a little better.',
  finding:
    'A few tokens lower the loss a little; the gain flattens quickly with length, and larger models gain less.',
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
