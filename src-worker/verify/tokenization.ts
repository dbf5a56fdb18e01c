// reference/tokenization: ids, decoded texts and chat templates of every tokenizer, all exact.
import { join } from 'node:path'
import { chatRenderer } from '../dataset/chat-template'
import { openTokenizer, type Tokenizer } from '../dataset/tokenizer'
import { exact, part, type VerifyCase, type VerifyContext } from './case'
import { filesOf, modelNamed, readJson, tokenizerNamed } from './golden'

interface TextCase {
  readonly ids: number[]
  readonly decoded: string
  readonly decoded_skip_special: string
}

interface TokenizerGolden {
  readonly tokenizer: string
  readonly vocabulary_size_with_added_tokens: number
  readonly decode_only: readonly { readonly ids: number[]; readonly decoded: string }[]
  readonly cases: readonly TextCase[]
}

interface ChatGolden {
  readonly cases: readonly {
    readonly tokenizer: string
    readonly messages: { role: 'system' | 'user' | 'assistant'; content: string }[]
    readonly add_generation_prompt: boolean
    readonly text: string
    readonly text_without_last_5_characters: string
    readonly ids_of_text_without_last_5_characters: number[]
  }[]
}

const check = 'tokenization'
const stringsFile = 'strings.json'
const chatFile = 'chat_template.json'

async function* textCases(
  golden: TokenizerGolden,
  strings: readonly string[],
  tokenizer: Tokenizer,
): AsyncGenerator<VerifyCase, void> {
  const name = golden.tokenizer
  const { cases, decode_only: others } = golden
  const size = golden.vocabulary_size_with_added_tokens
  yield exact(check, `${name} vocabulary`, [tokenizer.vocabularySize], [size])
  const single = await Promise.all(strings.map(text => tokenizer.encode(text)))
  const batched = await tokenizer.encodeBatch(strings)
  for (const [i, { ids, decoded, decoded_skip_special: plain }] of cases.entries()) {
    yield exact(check, `${name} string ${i} ids`, single[i] ?? [], ids)
    yield exact(check, `${name} string ${i} ids in a batch`, batched[i] ?? [], ids)
    const texts = [await tokenizer.decode(ids), await tokenizer.decode(ids, { skipSpecial: true })]
    yield exact(check, `${name} string ${i} decoded`, texts, [decoded, plain])
  }
  for (const [i, { ids, decoded }] of others.entries())
    yield exact(check, `${name} ids ${i} decoded`, [await tokenizer.decode(ids)], [decoded])
}

async function* chatCases(
  context: VerifyContext,
  folder: string,
): AsyncGenerator<VerifyCase, void> {
  const golden = await readJson<ChatGolden>(folder, chatFile)
  for (const [i, each] of golden.cases.entries())
    yield* part(check, `chat ${i}`, chatCase(context, each, `chat ${i}`))
}

async function* chatCase(
  context: VerifyContext,
  each: ChatGolden['cases'][number],
  name: string,
): AsyncGenerator<VerifyCase, void> {
  const folder = await modelNamed(context, each.tokenizer)
  const tokenizer = await openTokenizer(folder.path)
  const render = chatRenderer(folder.chatTemplate, tokenizer.specialTokens, folder.id)
  const text = render(each.messages, { generationPrompt: each.add_generation_prompt })
  yield exact(check, `${name} text`, [text], [each.text])
  const ids = await tokenizer.encode(each.text_without_last_5_characters)
  yield exact(check, `${name} ids`, ids, each.ids_of_text_without_last_5_characters)
}

async function* tokenizerCases(
  context: VerifyContext,
  folder: string,
  file: string,
): AsyncGenerator<VerifyCase, void> {
  const golden = await readJson<TokenizerGolden>(folder, file)
  const { strings } = await readJson<{ strings: string[] }>(folder, stringsFile)
  yield* textCases(golden, strings, await tokenizerNamed(context, golden.tokenizer))
}

export async function* verifyTokenization(
  context: VerifyContext,
): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, check)
  const files = (await filesOf(folder)).filter(file => file.endsWith('.json'))
  for (const file of files)
    if (file !== stringsFile && file !== chatFile)
      yield* part(check, file, tokenizerCases(context, folder, file))
  yield* part(check, 'chats', chatCases(context, folder))
}
