// Chat templates: a model's own Jinja text turns messages into the text it was tuned on.
import { Environment, Template } from '@huggingface/jinja'
import { Fault } from '../contract/fault'
import { BoundedInterpreter, boundedRange, isUnbounded } from './bounded-jinja'
import { isoDate, strftime } from './strftime'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
}

export interface ChatOptions {
  /** end with the opening of an assistant's turn; default true */
  readonly generationPrompt?: boolean
}

/** Messages → text. Encode the text without special tokens: the template writes them itself. */
export type RenderChat = (messages: readonly ChatMessage[], options?: ChatOptions) => string

/** Whether a template asks for today's date: what it writes is another text each day. */
export const asksDate = (template: string | undefined): boolean =>
  template?.includes('strftime_now') === true

const fixTemplate = 'Choose a chat-tuned model, or write the prompt as plain text.'

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What a template may name: the messages, and what transformers lends to templates. */
function environmentOf(date: string, variables: Readonly<Record<string, unknown>>): Environment {
  const environment = new Environment()
  const lent = {
    ...{ false: false, true: true, none: null, False: false, True: true, None: null },
    range: boundedRange,
    raise_exception: (words: unknown) => {
      throw new Error(String(words))
    },
    strftime_now: (format: string) => strftime(date, format),
  }
  for (const [name, value] of Object.entries({ ...lent, ...variables }))
    environment.set(name, value)
  return environment
}

/**
 * @param template of the model folder; blocks are trimmed as transformers does
 * @param specialTokens `bos_token`, `eos_token` …, see Tokenizer.specialTokens
 * @param model named in faults
 * @param date what the template gets when it asks for today's: "2026-11-28"; empty: today's
 */
export function chatRenderer(
  template: string | undefined,
  specialTokens: Readonly<Record<string, string>>,
  model: string,
  date = '',
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
      const environment = environmentOf(date === '' ? isoDate(new Date()) : date, {
        ...specialTokens,
        // templates that know tools and documents ask for them
        tools: null,
        documents: null,
        messages,
        add_generation_prompt: options.generationPrompt ?? true,
      })
      return String(new BoundedInterpreter(environment).run(parsed.parsed).value)
    } catch (cause) {
      if (isUnbounded(cause))
        throw new Fault(
          'bad-model',
          `the chat template of ${model} is stopped: ${wordsOf(cause)}`,
          fixTemplate,
          { cause },
        )
      const message = `the chat template of ${model} refuses these messages: ${wordsOf(cause)}`
      throw new Fault('bad-data', message, 'Change the messages as the template asks.', { cause })
    }
  }
}
