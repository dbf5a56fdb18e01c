// Evaluation prompts of chat-detuning: system messages of several tempers × questions, as the model's own chat
// template writes them. A base model has none and gets the same as plain text.
import { Fault } from '../contract/fault'
import { type ChatMessage, chatRenderer, type RenderChat } from '../dataset/chat-template'
import { promptIdsOf } from '../dataset/special-tokens'
import type { EvaluationPrompt, ExperimentContext, HeldOut } from './behaviour'
import { headPrompts, readPromptFile } from './text-prompts'

const asPlainText: RenderChat = messages =>
  `${messages.map(({ content }) => content).join('\n\n')}\n\n`

/** Some templates know no system role: then its text leads the question. */
function render(chat: RenderChat, system: string, question: string): string {
  const user: ChatMessage = { role: 'user', content: question }
  if (system === '') return chat([user])
  try {
    return chat([{ role: 'system', content: system }, user])
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'bad-data') throw error
    return chat([{ role: 'user', content: `${system}\n\n${question}` }])
  }
}

export async function chatPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const { model, tokenizer, spec, resources } = context
  const { chat } = await readPromptFile(resources)
  const templated = model.chatTemplate !== undefined
  const renderer = templated
    ? chatRenderer(model.chatTemplate, tokenizer.specialTokens, model.id, spec.data.date)
    : asPlainText
  const asked = chat.systems.flatMap(system =>
    chat.questions.map(question => ({
      id: `chat-${system.id}-${question.id}`,
      label: `${system.label}: ${question.text}`,
      text: render(renderer, system.text, question.text),
    })),
  )
  // a template writes the special tokens itself
  const texts = asked.map(({ text }) => text)
  const encoded = templated
    ? await tokenizer.encodeBatch(texts, { special: false })
    : await promptIdsOf(tokenizer, texts)
  const prompts = asked.map(
    (prompt, i): EvaluationPrompt => ({
      ...prompt,
      group: templated ? 'chat' : 'chat as plain text',
      tokenIds: encoded[i] ?? [],
      conditions: [],
      placeAt: spec.results.softPromptAt,
    }),
  )
  return [...prompts, ...(await headPrompts(context, heldOut))]
}
