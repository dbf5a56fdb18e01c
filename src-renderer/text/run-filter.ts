// The filter text of the run table: `tokens>8 model:pythia state:done "own words"`. All parts must fit.
import { tags } from '../../src-worker/contract/metrics'
import type { RunSummary } from '../../src-worker/contract/run'
import { tokensOf } from '../../src-worker/contract/run-spec'
import { runTitle } from './run-text'

type Fits = (run: RunSummary) => boolean

const words: Readonly<Record<string, (run: RunSummary) => string>> = {
  model: run => run.spec.model,
  experiment: run => run.spec.experiment.kind,
  data: run => run.spec.data.path,
  prompt: run => run.spec.prompt.type,
  state: run => run.state.kind,
  device: run => run.spec.device,
  sweep: run => run.sweep,
  name: runTitle,
  note: run => run.note,
  id: run => run.id,
}

const numbers: Readonly<Record<string, (run: RunSummary) => number | undefined>> = {
  tokens: run => tokensOf(run.spec.prompt),
  seed: run => run.spec.seed,
  step: run => run.step,
  steps: run => run.spec.training.steps,
  lr: run => run.spec.optimizer.learningRate,
  loss: run => run.metrics[tags.loss]?.last,
  test: run => run.metrics[tags.testLoss]?.last,
  final: run => run.metrics[tags.finalTestLoss]?.last,
}

export const filterFields = [...Object.keys(words), ...Object.keys(numbers)]

const compare: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
  ':': (a, b) => a === b,
}

const anything = (run: RunSummary) =>
  [runTitle(run), run.note, run.spec.model, run.id, run.state.kind].join(' ').toLowerCase()

function part(text: string): Fits {
  const found = /^([a-z]+)(>=|<=|[:=<>])(.+)$/i.exec(text)
  const [field = '', sign = '', value = ''] = (found ?? []).slice(1).map(s => s.toLowerCase())
  const number = numbers[field]
  const test = compare[sign]
  if (number && test && value !== '' && Number.isFinite(Number(value)))
    return run => {
      const own = number(run)
      return own !== undefined && test(own, Number(value))
    }
  const word = words[field]
  if (word && (sign === ':' || sign === '=')) return run => word(run).toLowerCase().includes(value)
  return run => anything(run).includes(text.toLowerCase())
}

const fieldPart = /^-?([a-z]+)(>=|<=|[:=<>])(.+)$/i

/** Fields that a filter names and that runs do not have: their parts are searched as words. */
export const unknownFields = (text: string): readonly string[] => {
  const named = [...text.matchAll(/"[^"]*"|\S+/g)].map(([part]) => fieldPart.exec(part)?.[1])
  return [...new Set(named.filter(field => field !== undefined))].filter(
    field => !filterFields.includes(field.toLowerCase()),
  )
}

/** A test of runs; an empty text fits every run. A leading minus turns a part round. */
export function runMatches(text: string): Fits {
  const parts = [...text.matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)].map(([, minus, quoted, plain]) => {
    const fits = quoted === undefined ? part(plain ?? '') : part(quoted)
    return minus ? (run: RunSummary) => !fits(run) : fits
  })
  return run => parts.every(fits => fits(run))
}
