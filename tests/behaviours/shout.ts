// A behaviour that the sources know nothing of, registered when this file is loaded: one object and one row of the schema.
import { z } from 'zod'
import type { Behaviour } from '../../src-worker/behaviours/behaviour'
import { registerBehaviour } from '../../src-worker/behaviours/registry'
import { openTextPipeline, ownTokens } from '../../src-worker/behaviours/text-data'
import { textPrompts } from '../../src-worker/behaviours/text-prompts'
import { generate } from '../../src-worker/sample/generate'

const volumeOf = (experiment: unknown): number => (experiment as { volume: number }).volume

/** Text in capitals; its measure is the share of held-out openings after which the model writes a capital. */
const shout: Behaviour = {
  kind: 'shout',
  title: 'Shouting',
  explanation: 'Trains the prompt to make the model write in capitals.',
  finding: 'Nobody has looked yet.',
  name: ({ experiment }) => `shout ${volumeOf(experiment)}`,
  conditionNames: () => [],
  unit: 'document',
  measures: [{ tag: 'Loudness', better: 'higher', share: true }],
  criterion: { kind: 'share', measure: 'Loudness', better: 'higher', chance: 0, target: 0.5 },
  options: [
    { control: 'number', path: 'experiment.volume', label: 'How loud', min: 1, max: 11 },
    { control: 'text', path: 'experiment.mark', label: 'Mark at the end' },
  ],
  shortOption: { field: 'volume', read: Number },
  playground: 'text',
  dataKinds: ['text'],
  control: { kind: 'none', because: 'a test needs none' },
  ownData: 'bundled',
  demoData: 'data/demo_text_sample.jsonl.zst',
  defaults: () => ({ prompt: { type: 'direct', tokens: 2, init: { kind: 'vocabulary' } } }),
  demo: () => ({ experiment: { kind: 'shout' } as never, model: 'workbench-demo-base' }),
  openPipeline: async context => {
    const plain = await openTextPipeline(context, ownTokens)
    const prepare: typeof plain.prepare = raws =>
      plain.prepare(raws.map(raw => String(raw).toUpperCase()))
    return { ...plain, prepare }
  },
  evaluationPrompts: textPrompts,
  async *measure(subject) {
    const values: number[] = []
    for await (const raw of subject.heldOut()) {
      const text = String(raw).slice(0, 20)
      const tokenIds = await subject.tokenizer.encode(text)
      const prompt = { id: text, label: '', group: '', text, tokenIds, conditions: [] }
      const { prompted } = await subject.lanes({ ...prompt, placeAt: 'start' })
      const how = { temperature: 0, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1, seed: 0 }
      const steps = generate(subject.sampler, [prompted], { ...how, stopIds: [], maxTokens: 1 })
      for await (const [step] of steps)
        values.push(/[A-Z]/.test(await subject.tokenizer.decode([step?.token ?? 0])) ? 1 : 0)
      yield { doing: 'listening', fraction: values.length / 4 }
      if (values.length === 4) break
    }
    const shares = { Loudness: { sums: values, counts: values.map(() => 1) } }
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length
    return { scalars: { Loudness: mean }, shares, details: {}, records: values }
  },
}
registerBehaviour(
  shout,
  z.strictObject({
    kind: z.literal('shout'),
    volume: z.int().min(1).max(11).default(3),
    mark: z.string().default('!'),
  }),
)
