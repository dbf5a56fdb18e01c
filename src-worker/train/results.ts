// results.jsonl: what the model writes for the evaluation prompts, with the soft prompt and without, same random numbers.

import type { MetricLine } from '../contract/metrics'
import type { ResultRow } from '../contract/run'
import { continuationText } from '../sample/continuation'
import { type GenerateOptions, generate, type Sequence } from '../sample/generate'
import type { EvaluationPrompt } from '../stream/source'
import { writeAtomically } from '../weights/atomic'
import type { Job, RunUpdate } from './job'
import type { RunInputs } from './prepare'
import { runFiles } from './run-folder'
import type { RunSampler } from './run-sampler'

/** Prompts continued at once, each in two lanes: at most so many, and fewer where their caches would take more bytes. */
const mostTogether = 8
const cacheBytes = 256e6

/** @param length tokens of the longest prompt */
export function promptsTogether({ model, shape, spec }: RunInputs, length: number): number {
  const { layers, headDim, kvHeads } = model.config
  const perSlot = 2 * 4 * layers * kvHeads * headDim
  const slots = length + shape.tokens + spec.results.maxTokens
  return Math.max(1, Math.min(mostTogether, Math.floor(cacheBytes / (2 * slots * perSlot))))
}

async function writtenIds(
  { sampler }: RunSampler,
  lanes: readonly Sequence[],
  options: GenerateOptions,
): Promise<number[][]> {
  const written: number[][] = lanes.map(() => [])
  for await (const step of generate(sampler, lanes, options))
    for (const { lane, token, done } of step) if (done !== 'end') written[lane]?.push(token)
  return written
}

async function rowsOf(
  job: Job,
  runSampler: RunSampler,
  prompts: readonly EvaluationPrompt[],
): Promise<readonly ResultRow[]> {
  const { tokenizer, spec, model } = job.prepared
  const lanes = await Promise.all(prompts.map(p => runSampler.lanes(p)))
  const options = { ...spec.results, seed: spec.seed, stopIds: model.config.eosTokenIds }
  const all = lanes.flatMap(({ prompted, bare }) => [prompted, bare])
  const written = await writtenIds(runSampler, all, options)
  return Promise.all(
    prompts.map(async (prompt, i) => {
      const { id, group, label, text, tokenIds, conditions, expected } = prompt
      const textOf = (k: number) => continuationText(tokenizer, tokenIds, written[2 * i + k] ?? [])
      return {
        id,
        group,
        label,
        prompt: text,
        softPromptAt: spec.results.softPromptAt,
        conditions: [...conditions],
        prompted: await textOf(0),
        baseline: await textOf(1),
        ...(expected === undefined ? {} : { expected }),
      }
    }),
  )
}

/** @param behaviour shares of the whole held-out set: the file's last line, when there are any */
export async function* writeResults(
  job: Job,
  sampler: RunSampler,
  behaviour: MetricLine['values'] | undefined,
): AsyncGenerator<RunUpdate> {
  const wanted = job.prepared.spec.results.prompts
  const prompts = wanted === 0 ? [] : (await job.prepared.data.evaluationPrompts()).slice(0, wanted)
  const longest = prompts.reduce((most, { tokenIds }) => Math.max(most, tokenIds.length), 0)
  const together = promptsTogether(job.prepared, longest)
  const rows: ResultRow[] = []
  for (let i = 0; i < prompts.length; i += together) {
    job.checkStop()
    yield { kind: 'progress', doing: 'writing samples', fraction: i / prompts.length }
    rows.push(...(await rowsOf(job, sampler, prompts.slice(i, i + together))))
  }
  const lines = [...rows, ...(behaviour === undefined ? [] : [{ behaviour }])]
  if (lines.length === 0) return
  const text = lines.map(line => `${JSON.stringify(line)}\n`).join('')
  await writeAtomically(runFiles(job.folder).results, text)
}
