// How near is the base model's behaviour to the chat model that was tuned away from it?

import { accumulationFor, accumulationOf32, demoInput, directPrompt } from '../spec/paper'
import { chatPrompts } from './chat-prompts'
import { defineExperiment } from './define'
import { openTextRecipe } from './text-data'

export const chatDetuning = defineExperiment({
  kind: 'chat-detuning',
  title: 'Chat de-tuning',
  explanation:
    'Trains the prompt on plain text in a chat-tuned model: does it turn back into its base model?',
  finding:
    'Four tokens bring the chat model from 2.33 to 2.31 nats, below its base model without a prompt; with prompts of equal length the base stays ahead (64 tokens: 2.293 against 2.285).',
  openRecipe: openTextRecipe,
  demoData: 'data/demo_text_sample.jsonl.zst',
  defaults: (modelId, tokens) => ({
    data: { path: 'demo' },
    prompt: directPrompt(tokens, 'normal'),
    start: { kind: 'index', index: 0 },
    training: {
      steps: 2048,
      lanes: 32,
      accumulation: accumulationFor(modelId, accumulationOf32),
      length: 256,
    },
    results: { maxTokens: 128, softPromptAt: 'start', prompts: 164 },
  }),
  demo: () => demoInput('chat-detuning', 'workbench-demo-chat'),
  evaluationPrompts: chatPrompts,
})
