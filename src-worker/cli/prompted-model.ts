// Who speaks: the options that name a model and a snapshot.
import { Fault } from '../contract/fault'
import type { PromptedModel } from '../contract/playground'

export interface PromptedModelOptions {
  readonly snapshot?: string
  readonly model?: string
  readonly startToken?: boolean
}

export function promptedModelOf(options: PromptedModelOptions): PromptedModel {
  const { snapshot = '', model = '' } = options
  if (snapshot === '' && model === '')
    throw new Fault('usage', 'neither --snapshot nor --model is given', 'Name one of them.')
  return { model, snapshot, startToken: options.startToken === true }
}
