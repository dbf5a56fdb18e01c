// Who speaks: the options that name a model and a snapshot.
import { Fault } from '../contract/fault'
import type { Speaker } from '../contract/playground'

export interface SpeakerOptions {
  readonly snapshot?: string
  readonly model?: string
  readonly startToken?: boolean
}

export function speakerOf(options: SpeakerOptions): Speaker {
  const { snapshot = '', model = '' } = options
  if (snapshot === '' && model === '')
    throw new Fault('usage', 'neither --snapshot nor --model is given', 'Name one of them.')
  return { model, snapshot, startToken: options.startToken === true }
}
