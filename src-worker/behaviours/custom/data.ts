// The pipeline of "Bring your own behaviour": the user's records → examples with labels on the completion only.

import type { RunSpec } from '../../contract/run-spec'
import { badRecordLimit } from '../../dataset/bad-record-limit'
import { emptyFault } from '../../dataset/documents'
import { noted } from '../../dataset/fields'
import { fieldsRecords } from '../../dataset/files'
import { countSkip } from '../../dataset/skip-counts'
import type { DataPipeline, PipelineContext } from '../../stream/data-pipeline'
import { autoregressive, pack } from '../../stream/pack'
import { cutTo, toExample } from './cut'
import { labeller } from './labels'
import { type CustomRaw, keyOf, readCustom } from './pairs'
import { holdsMany, mappingHint } from './usual-names'

type CustomSpec = Extract<RunSpec['experiment'], { kind: 'custom' }>

export const customSpec = ({ experiment }: Pick<RunSpec, 'experiment'>): CustomSpec =>
  experiment as CustomSpec

const fix =
  'Map the fields: name those that hold prompt and completion (--prompt-field, --completion-field), messages, or text; or take such records out of the file.'

/** Faults: those of fieldsRecords; bad-data (records without the mapped fields). */
export async function openCustomPipeline(
  context: PipelineContext,
): Promise<DataPipeline<CustomRaw>> {
  const { spec, tokenizer } = context
  const { fields: names } = customSpec(spec)
  const label = labeller(context)
  return {
    lanes: 'fresh',
    heavy: false,
    async *records(path, skipped) {
      const count = badRecordLimit(path, 'record', skipped, fix)
      let seen = 0
      for await (const { fields, where, notes = [] } of fieldsRecords(path, skipped)) {
        seen += 1
        const read = readCustom(fields, names)
        if ('why' in read && read.missing) {
          countSkip(skipped, read.why)
          continue
        }
        if ('why' in read) {
          const has = Object.keys(fields).slice(0, 20).join(', ')
          const hint = mappingHint(fields, names)
          const maybe = hint === '' ? '' : `; by their names: ${hint}`
          const many = holdsMany(fields)
          count.bad(read.why, where.index, ` (its fields: ${has}${maybe}${many})`)
          continue
        }
        count.good()
        const key = keyOf(read.raw)
        const { raw } = read
        yield noted({ key, bytes: JSON.stringify(raw).length * 2, raw }, notes)
      }
      count.end()
      if (seen === 0) throw emptyFault(path)
    },
    prepare: raws =>
      Promise.all(
        raws.map(async raw => {
          const labelled = await label(raw)
          if ('why' in labelled) return { skipped: labelled.why }
          const cut = cutTo(labelled, spec.training.length, tokenizer.bosTokenId)
          // the template of Alpaca ends where the response begins
          const isJoined = raw.kind === 'pair' && !names.input
          return toExample(cut, Float32Array.from(raw.conditions), isJoined)
        }),
      ),
    pack: (lanes, options) => pack(lanes, autoregressive, options),
  }
}
