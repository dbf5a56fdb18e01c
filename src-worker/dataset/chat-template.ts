// Chat templates: a model's own Jinja text turns messages into the text it was tuned on.
import { Template } from '@huggingface/jinja'
import { Fault } from '../contract/fault'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface ChatOptions {
  /** end with the opening of an assistant's turn; default true */
  readonly generationPrompt?: boolean
}

/** Messages → text. Encode the text without special tokens: the template writes them itself. */
export type RenderChat = (messages: readonly ChatMessage[], options?: ChatOptions) => string

const fixTemplate = 'Choose a chat-tuned model, or write the prompt as plain text.'

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * @param template of the model folder; blocks are trimmed as transformers does
 * @param specialTokens `bos_token`, `eos_token` …, see Tokenizer.specialTokens
 * @param model named in faults
 */
export function chatRenderer(
  template: string | undefined,
  specialTokens: Readonly<Record<string, string>>,
  model: string,
): RenderChat {
  if (template === undefined)
    throw new Fault('bad-model', `${model} has no chat template`, fixTemplate)
  let parsed: Template
  try {
    parsed = new Template(template)
  } catch (cause) {
    const message = `the chat template of ${model} does not parse: ${wordsOf(cause)}`
    throw new Fault('bad-model', message, 'Correct chat_template.jinja or tokenizer_config.json.', {
      cause,
    })
  }
  return (messages, options = {}) => {
    try {
      return parsed.render({
        ...specialTokens,
        // templates that know tools and documents ask for them
        tools: null,
        documents: null,
        messages,
        add_generation_prompt: options.generationPrompt ?? true,
      })
    } catch (cause) {
      const message = `the chat template of ${model} refuses these messages: ${wordsOf(cause)}`
      throw new Fault('bad-data', message, 'Change the messages as the template asks.', { cause })
    }
  }
}
