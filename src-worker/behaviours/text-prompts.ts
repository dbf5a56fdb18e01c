// Evaluation prompts of the text experiments: varied openings (resources/evaluation-prompts.json), and the first
// characters of held-out documents together with how they go on.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import { promptIdsOf } from '../dataset/special-tokens'
import type { EvaluationPrompt, ExperimentContext, HeldOut } from './behaviour'

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
export type PromptFile = z.infer<typeof fileSchema>

/** Faults: not-found, bad-file. */
export async function readPromptFile(resources: string): Promise<PromptFile> {
  const path = join(resources, 'evaluation-prompts.json')
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('bad-file', `${path}: ${why}`, 'Install the workbench again.', { cause })
  }
}

/** The first characters, no surrogate pair cut in two. */
function headOf(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  const splits = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, splits ? length - 1 : length)
}

export async function openingPrompts(
  context: ExperimentContext,
): Promise<readonly EvaluationPrompt[]> {
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
export async function headPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const texts: string[] = []
  for await (const raw of heldOut()) {
    const text = String(raw)
    if (text.length > headLength) texts.push(text)
    if (texts.length >= heads) break
  }
  const begun = texts.map(text => headOf(text, headLength))
  const encoded = await promptIdsOf(context.tokenizer, begun)
  return begun.map((text, i) => ({
    id: `document-${i}`,
    group: 'document',
    label: `document ${i}`,
    text,
    tokenIds: encoded[i] ?? [],
    conditions: [],
    placeAt: context.spec.results.softPromptAt,
    expected: headOf((texts[i] ?? '').slice(text.length), headLength),
  }))
}

export async function textPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  return [...(await openingPrompts(context)), ...(await headPrompts(context, heldOut))]
}
