// Evaluation prompts of the text behaviours: varied openings (resources/evaluation-prompts.json), and the first
// characters of held-out documents together with how they go on. Chat de-tuning asks system messages of several tempers
// × questions instead, as the model's own chat template writes them; a base model has none and gets plain text.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import { type ChatMessage, chatRenderer, type RenderChat } from '../dataset/chat-template'
import { promptIdsOf } from '../dataset/special-tokens'
import type { EvaluationPrompt, ExperimentContext, HeldOut } from '../stream/source'

/** Documents, and characters of each. */
const heads = 128
const headLength = 256

const fileSchema = z.object({
  openings: z.array(z.object({ id: z.string(), label: z.string(), text: z.string() })),
  chat: z.object({
    systems: z.array(z.object({ id: z.string(), label: z.string(), text: z.string() })),
    questions: z.array(z.object({ id: z.string(), text: z.string() })),
  }),
})
type PromptFile = z.infer<typeof fileSchema>

/** Faults: not-found, bad-file. */
async function readPromptFile(resources: string): Promise<PromptFile> {
  const path = join(resources, 'evaluation-prompts.json')
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('bad-file', `${path}: ${why}`, 'Install the workbench again.', { cause })
  }
}

/** The first characters, no surrogate pair cut in two. */
export function headOf(text: string): string {
  const length = headLength
  const last = text.charCodeAt(length - 1)
  const splits = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, splits ? length - 1 : length)
}

async function openingPrompts(context: ExperimentContext): Promise<readonly EvaluationPrompt[]> {
  const { tokenizer, spec, resources } = context
  const { openings } = await readPromptFile(resources)
  const encoded = await promptIdsOf(
    tokenizer,
    openings.map(({ text }) => text),
  )
  return openings.map(({ id, label, text }, i) => ({
    ...{ id, label, text, group: 'opening' },
    tokenIds: encoded[i] ?? [],
    conditions: [],
    placeAt: spec.results.softPromptAt,
  }))
}

/** The beginnings of held-out documents; their continuation is what is expected. */
async function headPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const texts: string[] = []
  for await (const raw of heldOut()) {
    const text = String(raw)
    if (text.length > headLength) texts.push(text)
    if (texts.length >= heads) break
  }
  const begun = texts.map(headOf)
  const encoded = await promptIdsOf(context.tokenizer, begun)
  return begun.map((text, i) => ({
    id: `document-${i}`,
    group: 'document',
    label: `document ${i}`,
    text,
    tokenIds: encoded[i] ?? [],
    conditions: [],
    placeAt: context.spec.results.softPromptAt,
    expected: headOf((texts[i] ?? '').slice(text.length)),
  }))
}

export async function textPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  return [...(await openingPrompts(context)), ...(await headPrompts(context, heldOut))]
}

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
