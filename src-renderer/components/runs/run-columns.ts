// The columns that the table of runs can show. A numeric column can be averaged over a group.
import { tags } from '../../../src-worker/contract/metrics'
import { isActive, type RunSummary } from '../../../src-worker/contract/run'
import { tokensOf } from '../../../src-worker/contract/run-spec'
import { percent } from '../../../src-worker/shared/percent'
import { metricText } from '../../charts/metric-text'
import { ago, count, duration, measure, modelName } from '../../text/format'
import { dataText, progressOf, shownProgress, stateText, stateWord } from '../../text/run-text'

export interface RunColumn {
  readonly id: string
  readonly title: string
  /** least width in pixels; columns share the rest in proportion */
  readonly width: number
  /** sorts, and for numbers averages; undefined sorts last */
  readonly value: (run: RunSummary) => number | string | undefined
  readonly text: (run: RunSummary) => string
  /** how a number is written; absent: words */
  readonly format?: (n: number) => string
  /** a mean over a group says something */
  readonly averaged?: boolean
}

const words = (
  id: string,
  title: string,
  width: number,
  text: (run: RunSummary) => string,
): RunColumn => ({ id, title, width, value: text, text })

const number = (
  id: string,
  title: string,
  value: (run: RunSummary) => number | undefined,
  format: (n: number) => string = measure,
  averaged = true,
): RunColumn => ({
  id,
  title,
  // 6.4 px a letter of the title, padding, and room for the sort mark
  width: Math.round(24 + title.length * 6.4),
  value,
  format,
  averaged,
  text: run => {
    const n = value(run)
    return n === undefined ? '' : format(n)
  },
})

const metric = (tag: string, part: 'last' | 'min' | 'max'): RunColumn => {
  const { title, format } = metricText(tag)
  const name = part === 'last' ? title : `${title}, ${part}`
  const column = number(`${tag}|${part}`, name, run => run.metrics[tag]?.[part], format)
  // its title takes two lines
  return { ...column, width: Math.max(84, Math.round(column.width * 0.6)) }
}

/** "Training 45 %" */
export function stateWithShare(run: RunSummary): string {
  const share = isActive(run.state) ? shownProgress(run) : null
  return share === null ? stateWord(run.state) : `${stateWord(run.state)} ${percent(share)}`
}

const before: readonly RunColumn[] = [
  words('state', 'State', 124, stateWithShare),
  { ...number('progress', 'Progress', progressOf, percent), width: 76 },
  number(
    'left',
    'Left',
    run => (isActive(run.state) ? (run.secondsLeft ?? undefined) : undefined),
    duration,
  ),
  words('experiment', 'Experiment', 110, run => run.behaviour),
  words('model', 'Model', 130, run => modelName(run.spec.model)),
  words('data', 'Data', 130, dataText),
  words('prompt', 'Prompt', 110, run => run.spec.prompt.type),
  number('tokens', 'Tokens', run => tokensOf(run.spec.prompt), count),
  number('seed', 'Seed', run => run.spec.seed, String, false),
  number('step', 'Step', run => run.step, count),
  number('steps', 'Steps', run => run.spec.training.steps, count),
  number('rate', 'Rate', run => run.spec.optimizer.learningRate),
  number('time', 'Trained for', run => run.trainingSeconds, duration),
]

/** Shown right of the metrics. */
const after: readonly RunColumn[] = [
  {
    ...words('created', 'Created', 112, run => ago(run.createdAt)),
    value: run => run.createdAt,
  },
  {
    ...words('changed', 'Changed', 112, run => ago(run.updatedAt)),
    value: run => run.updatedAt,
  },
  words('device', 'Device', 90, run => run.spec.device),
  words('sweep', 'Sweep', 110, run => run.sweep),
  words('note', 'Note', 160, run => run.note),
  words('doing', 'Doing', 260, stateText),
]

const metricTags = [tags.loss, tags.testLoss, tags.finalTestLoss, tags.gradientNorm]
const moreTags = [tags.tokensPerSecond, tags.memory, tags.dataWait, tags.padding, tags.learningRate]

/** Those shown until one chooses. */
export const usualColumns: readonly string[] = [
  ...['state', 'tokens', 'seed'],
  ...[`${tags.loss}|last`, `${tags.testLoss}|min`, `${tags.finalTestLoss}|last`, 'created'],
]

/** Every column there is for these runs: metrics of the experiments' own come after ours. */
export function columnsFor(runs: readonly RunSummary[]): readonly RunColumn[] {
  const ours: readonly string[] = [...metricTags, ...moreTags, tags.tokenCount]
  const others = new Set(
    runs.flatMap(run => Object.keys(run.metrics)).filter(t => !ours.includes(t)),
  )
  const all = [...metricTags, ...others].flatMap(tag => [
    metric(tag, 'last'),
    metric(tag, 'min'),
    metric(tag, 'max'),
  ])
  return [...before, ...all, ...moreTags.map(tag => metric(tag, 'last')), ...after]
}
