// Chat messages from the command line: one message of a person, or a list as JSON or in a file.
import { readFile } from 'node:fs/promises'
import { asFault, Fault } from '../contract/fault'
import { type SampleRequest, sampleRequestSchema } from '../contract/playground'

interface ChatFlags {
  readonly prompt: string
  readonly chat?: boolean
  readonly system?: string
  readonly messages?: string
}

type Messages = SampleRequest['messages']

/** Faults: usage (flags that exclude each other, no JSON of messages), not-found. */
export async function messagesOf({ prompt, chat, system, messages }: ChatFlags): Promise<Messages> {
  if (messages !== undefined) {
    if (chat === true || prompt !== '')
      throw new Fault(
        'usage',
        '--messages is given beside --chat or --prompt',
        'Put the prompt into the messages, or leave --messages out.',
      )
    return parsed(await textOf(messages))
  }
  if (chat !== true && system !== undefined)
    throw new Fault('usage', '--system is given without --chat', 'Add --chat.')
  if (chat !== true) return []
  const before: Messages = system === undefined ? [] : [{ role: 'system', content: system }]
  return [...before, { role: 'user', content: prompt }]
}

const textOf = async (given: string): Promise<string> =>
  given.trimStart().startsWith('[')
    ? given
    : readFile(given, 'utf8').catch(error => {
        throw asFault(error, given)
      })

function parsed(text: string): Messages {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Fault('usage', '--messages is not JSON', example, { cause })
  }
  const found = sampleRequestSchema.shape.messages.safeParse(json)
  if (found.success && found.data.length > 0) return found.data
  const where = found.error?.issues[0]
  const what = where === undefined ? 'is empty' : `${where.path.join('.')}: ${where.message}`
  throw new Fault('usage', `--messages ${what}`, example)
}

const example = 'Give a list such as [{"role": "user", "content": "Hello"}].'
