// Rival measures on one axis, through the command line: a text in place of a soft prompt, and an adapter that PEFT would have
// written. Its rows are the embeddings of the text's tokens, so the two must have the same loss.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Analysis } from '../../src-worker/contract/analysis'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { tinySpec, writeTexts } from '../train/runs'
import { type Said, spw } from './spw'

const model = referencePath('models/tiny-neox')
const words = 'the of'

/** A safetensors file by its definition: length of the header, header, numbers. */
function safetensors(tensors: Readonly<Record<string, { shape: number[]; data: Float32Array }>>) {
  let at = 0
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const from = at
    at += data.byteLength
    return [name, { dtype: 'F32', shape, data_offsets: [from, at] }]
  })
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const bodies = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer))
  return Buffer.concat([length, header, ...bodies])
}

/** The embeddings [V, H] of a tiny model, read by hand. */
function embeddings(): { width: number; row(id: number): Float32Array } {
  const file = readFileSync(join(model, 'model.safetensors'))
  const size = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.subarray(8, 8 + size).toString())
  const { dtype, shape, data_offsets } = header['gpt_neox.embed_in.weight']
  expect(dtype).toBe('F32')
  const [, width] = shape as [number, number]
  const from = 8 + size + data_offsets[0]
  const row = (id: number) =>
    Float32Array.from({ length: width }, (_, i) => file.readFloatLE(from + 4 * (id * width + i)))
  return { width, row }
}

async function writeAdapter(folder: string): Promise<number> {
  const ids = await (await openTokenizer(model)).encode(words, { special: false })
  const { width, row } = embeddings()
  const data = Float32Array.from(ids.flatMap(id => [...row(id)]))
  const rows = { prompt_embeddings: { shape: [ids.length, width], data } }
  mkdirSync(folder)
  writeFileSync(join(folder, 'adapter_model.safetensors'), safetensors(rows))
  const config = {
    ...{ peft_type: 'PROMPT_TUNING', task_type: 'CAUSAL_LM', base_model_name_or_path: model },
    ...{ num_virtual_tokens: ids.length, token_dim: width },
  }
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(config))
  return ids.length
}

test('a text and an adapter stand in chart, table and CSV under what they are made of', async () => {
  const home = temporaryFolder()
  const say = async (...args: string[]): Promise<Said> => {
    const said = await spw(home, ...args)
    expect(said.code, said.err).toBe(0)
    return said
  }
  const tokens = await writeAdapter(join(home, 'adapter'))
  const spec = tinySpec(writeTexts(home), {
    training: { steps: 4, testEvery: 0, checkpointEvery: 0 },
    results: { prompts: 0, metricSamples: 0 },
  })
  const file = join(home, 'spec.json')
  writeFileSync(file, JSON.stringify(spec))
  await say(
    'sweep',
    '--spec',
    file,
    '--tokens',
    '0',
    '1',
    '--init',
    'vocabulary',
    '--type',
    'direct',
  )
  const text = ['--init', `text:${words}`, '--steps', '0', '--tokens', String(tokens)]
  await say('train', '--spec', file, '--type', 'direct', ...text)
  await say('eval', '--spec', file, '--snapshot', join(home, 'adapter'))
  const options = ['--published', 'none', '--axis', 'numbers']
  const analysis = JSON.parse((await say('analyze', ...options, '--json')).out) as Analysis
  expect(analysis.skipped).toEqual([])
  const [curve, ...others] = analysis.curves
  expect(others).toEqual([])
  const { width } = embeddings()
  expect(curve?.points.map(p => p.tokens)).toEqual([width])
  const given = curve?.baselines.filter(({ point }) => point.tokens > 0) ?? []
  expect(given.map(({ kind, point }) => [kind, point.tokens])).toEqual([
    ['text-prompt', tokens * width],
    ['imported-prompt', tokens * width],
  ])
  const [hard, soft] = given.map(({ point }) => point.value)
  expect(soft).toBeCloseTo(hard ?? Number.NaN, 5)
  const { out } = await say('analyze', ...options)
  expect(out).toMatch(new RegExp(`tiny-neox, ${tokens * width}, text prompt +\\d`))
  expect(out).toMatch(new RegExp(`tiny-neox, ${tokens * width}, imported prompt +\\d`))
  await say('report', ...options, '--out', join(home, 'report'))
  const csv = readFileSync(join(home, 'report', 'report-points.csv'), 'utf8')
  expect(csv).toMatch(new RegExp(`,imported-prompt,${tokens * width},`))
  const html = readFileSync(join(home, 'report', 'report.html'), 'utf8')
  expect(html).toContain(`${tokens * width}, imported prompt`)
}, 240_000)
