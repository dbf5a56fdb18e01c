// How the original named the folders of its TensorBoard logs, as behaviour, model and tokens.
// 'BWElo chess 70m, 16, DATE', 'skip 4 tokens language EleutherAI_pythia-70m-deduped, 1, RedPajamaV2, DATE', …
import type { OriginalRun } from '../behaviours/behaviour'
import { behaviourOf, behaviours, findBehaviour } from '../behaviours/registry'
import { type ExperimentSpec, experimentSpecSchema } from '../contract/experiment-spec'
import { dataSpecSchema } from '../contract/run-spec'

export interface NamedRun {
  /** kind of the experiment */
  readonly experiment: string
  readonly behaviour: string
  readonly model: string
  readonly dataset: string
  readonly tokens: number
}

/** What a behaviour with these options is called. */
const nameOf = (experiment: ExperimentSpec, dataset: string): string =>
  behaviourOf(experiment.kind).name({
    experiment,
    data: dataSpecSchema.parse({ path: dataset === '' ? 'unknown' : dataset }),
  })

/** The name of a behaviour that a table gives as kind and words ("skip 2", "repeat: pee"); the words, if it is none of ours. */
export function nameOfWords(kind: string, words: string, dataset: string): string {
  const options = findBehaviour(kind)?.originalOptions?.(words)
  const said = [kind.replaceAll('-', ' '), words].filter(part => part !== '').join(' ')
  if (options === undefined) return said
  return nameOf(experimentSpecSchema.parse({ kind, ...options }), dataset)
}

/** "skip 4 tokens language EleutherAI_pythia-70m-deduped" */
function textRun(head: string): OriginalRun | undefined {
  const found = /^(.*) language ([^ _]+)_(\S+)$/.exec(head)
  for (const { kind, originalOptions } of found ? behaviours() : []) {
    const options = originalOptions?.(found?.[1] ?? '')
    if (options !== undefined)
      return {
        experiment: experimentSpecSchema.parse({ kind, ...options }),
        model: `${found?.[2]}/${found?.[3]}`,
        dataset: '',
      }
  }
  return undefined
}

/** Experiment and model of a log folder, and its dataset and tokens; undefined for a name of another kind. */
export function originalRun(folder: string): (OriginalRun & { tokens: number }) | undefined {
  const name = folder.split('/').at(-1) ?? ''
  const found = /^(.*), (\d+),(?: ([^,]+),)? \d{4}-\d\d-\d\d \d\d-\d\d-\d\d$/.exec(name)
  if (!found) return undefined
  const head = found[1] ?? ''
  const own = behaviours().flatMap(({ originalRun: of }) => of?.(head) ?? [])
  const run = own[0] ?? textRun(head)
  if (run === undefined) return undefined
  return { ...run, dataset: run.dataset || (found[3] ?? ''), tokens: Number(found[2]) }
}

export function namedRun(folder: string): NamedRun | undefined {
  const run = originalRun(folder)
  if (run === undefined) return undefined
  const { experiment, model, dataset, tokens } = run
  return {
    ...{ experiment: experiment.kind, model, dataset, tokens },
    behaviour: nameOf(experiment, dataset),
  }
}
