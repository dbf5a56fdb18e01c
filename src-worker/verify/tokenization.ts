// reference/tokenization: ids, decoded texts and chat templates of every tokenizer, all exact.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chatRenderer } from '../dataset/chat-template'
import { openTokenizer, type Tokenizer } from '../dataset/tokenizer'
import { openModelFolder } from '../weights/model-folder'
import { exact, type VerifyCase, type VerifyContext } from './case'

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

async function readJson<T>(...path: string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), 'utf8')) as T
}

async function tokenizerFolder(models: string, name: string): Promise<string> {
  const tokenizers = await readdir(join(models, 'tokenizers')).catch(() => [] as string[])
  return tokenizers.includes(name) ? join(models, 'tokenizers', name) : join(models, name)
}

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

async function* chatCases(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const path = [context.reference, 'tokenization', 'chat_template.json']
  const golden = await readJson<ChatGolden>(...path)
  for (const [i, each] of golden.cases.entries()) {
    const folder = await openModelFolder(join(context.models, each.tokenizer))
    const tokenizer = await openTokenizer(folder.path)
    const render = chatRenderer(folder.chatTemplate, tokenizer.specialTokens, folder.id)
    const text = render(each.messages, { generationPrompt: each.add_generation_prompt })
    yield exact(check, `chat ${i} text`, [text], [each.text])
    const ids = await tokenizer.encode(each.text_without_last_5_characters)
    yield exact(check, `chat ${i} ids`, ids, each.ids_of_text_without_last_5_characters)
  }
}

export async function* verifyTokenization(
  context: VerifyContext,
): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, 'tokenization')
  const { strings } = await readJson<{ strings: string[] }>(folder, 'strings.json')
  const others = ['strings.json', 'chat_template.json']
  const files = (await readdir(folder)).filter(f => f.endsWith('.json') && !others.includes(f))
  for (const file of files.sort()) {
    const golden = await readJson<TokenizerGolden>(folder, file)
    const tokenizer = await openTokenizer(await tokenizerFolder(context.models, golden.tokenizer))
    yield* textCases(golden, strings, tokenizer)
  }
  yield* chatCases(context)
}
