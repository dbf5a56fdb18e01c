// What one file of a family holds, and what is common to all of them.

import type { ModelConfig } from '../contract/model'
import type { Plain as Json } from '../shared/plain-object'
import type { ConfigReader } from './config/reader'
import type { FamilyConfig } from './config/sizes'
import type { FamilyParts } from './language-model'
import type { WeightSource } from './source'

export interface Family<Own> {
  /** as people read it */
  readonly name: string
  /** what transformers takes for a key that config.json does not have */
  readonly defaults: Json
  /** other names of its keys in config.json (transformers' attribute_map) */
  readonly aliases?: Readonly<Record<string, string>>
  /** with which tensor names begin; files of base models leave it out */
  readonly prefix: string
  /** tensor of a head that is not tied */
  readonly head: string
  /** where the text model's names begin in files of a larger model */
  readonly wrappers?: readonly string[]
  /** @throws Fault 'bad-model' */
  readonly read: (get: ConfigReader) => FamilyConfig<Own>
  readonly build: (config: ModelConfig<Own>, source: WeightSource) => FamilyParts
}

/** Families of one table forget what is their own. */
export type AnyFamily = Family<unknown>

export const family = <Own>(made: Family<Own>): AnyFamily => made as unknown as AnyFamily

/** A block for each layer. */
export const blocksOf = <Block>(
  { layers }: { readonly layers: number },
  block: (layer: number) => Block,
): readonly Block[] => Array.from({ length: layers }, (_, layer) => block(layer))
