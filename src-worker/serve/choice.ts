// One choice of an answer: a lane's text until its end token, its length or a stop sequence, with what each token was worth.
import type { Tokenizer } from '../dataset/tokenizer'
import type { GeneratedToken } from '../sample/generate'
import type { TokenLogProb } from '../sample/pick'
import type { LaneOptions } from './lane-queue'
import type { ServedModel } from './served-model'
import { stopText } from './stop-text'

export interface NamedToken {
  readonly text: string
  /** null: nothing stands before it */
  readonly logProb: number | null
  readonly top: readonly { readonly text: string; readonly logProb: number }[]
}

export interface Choice {
  readonly text: string
  readonly tokens: readonly NamedToken[]
  readonly finish: 'stop' | 'length'
}

export interface ChoiceRequest {
  readonly ids: readonly number[]
  readonly conditions: readonly number[]
  readonly options: LaneOptions
  readonly stops: readonly string[]
  readonly seed: number
  /** which of several choices of one prompt */
  readonly index: number
}

/** Text and tokens that became known together. */
export interface Delta {
  readonly text: string
  readonly tokens: readonly NamedToken[]
}

export async function namedToken(
  tokenizer: Tokenizer,
  token: number,
  logProb: number | undefined,
  top: readonly TokenLogProb[],
): Promise<NamedToken> {
  const named = top.map(async t => ({
    text: await tokenizer.decode([t.token]),
    logProb: t.logProb,
  }))
  return {
    text: await tokenizer.decode([token]),
    logProb: logProb ?? null,
    top: await Promise.all(named),
  }
}

/**
 * Generates one choice; `onDelta` hears of it as it grows.
 * Faults: shape, usage (nothing to go on from), diverged, cancelled.
 */
export async function writeChoice(
  model: ServedModel,
  request: ChoiceRequest,
  signal: AbortSignal,
  onDelta: (delta: Delta) => void = () => undefined,
): Promise<Choice> {
  const { options, seed, index } = request
  if (options.maxTokens === 0) return { text: '', tokens: [], finish: 'length' }
  const decoder = model.sampler.tokenizer.streamDecoder({ skipSpecial: true })
  const stops = stopText(request.stops)
  const tokens: NamedToken[] = []
  let text = ''
  let finish: Choice['finish'] = 'length'
  const add = (part: string, fresh: readonly NamedToken[]): void => {
    text += part
    tokens.push(...fresh)
    if (part !== '' || fresh.length > 0) onDelta({ text: part, tokens: fresh })
  }
  const onToken = async ({ token, logProb, top, done }: GeneratedToken): Promise<boolean> => {
    if (done === 'end') {
      finish = 'stop'
      return false
    }
    const named = await namedToken(model.sampler.tokenizer, token, logProb, top)
    add(stops.push(await decoder.push(token)), [named])
    if (stops.stopped) finish = 'stop'
    return !stops.stopped
  }
  const lane = await model.lane(request.ids, request.conditions)
  await model.queue.run({ lane: { ...lane, seed, label: index }, options, onToken, signal })
  const rest = stops.push(await decoder.flush())
  add(rest + stops.flush(), [])
  return { text, tokens, finish }
}
