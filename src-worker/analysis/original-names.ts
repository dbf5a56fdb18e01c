// How the original named the folders of its TensorBoard logs, as experiment, model and tokens.
// 'BWElo chess 70m, 16, DATE', 'skip 4 tokens language EleutherAI_pythia-70m-deduped, 1, RedPajamaV2, DATE', …

export interface NamedRun {
  readonly experiment: string
  readonly variant: string
  readonly model: string
  readonly dataset: string
  readonly tokens: number
}

const language: readonly (readonly [RegExp, string, (found: RegExpExecArray) => string])[] = [
  [/^autoregressive$/, 'autoregressive', () => ''],
  [/^chat detuning$/, 'chat-detuning', () => ''],
  [/^skip (\d+) tokens$/, 'skip-tokens', found => `skip ${found[1]}`],
  [/^repetition \((.*)\)$/, 'repetition', found => `repeat: ${found[1]}`],
]

/** Undefined for a name of another kind. */
export function namedRun(folder: string): NamedRun | undefined {
  const name = folder.split('/').at(-1) ?? ''
  const found = /^(.*), (\d+),(?: ([^,]+),)? \d{4}-\d\d-\d\d \d\d-\d\d-\d\d$/.exec(name)
  if (!found) return undefined
  const head = found[1] ?? ''
  const tokens = Number(found[2])
  const chess = /^BWElo chess (\w+)$/.exec(head)
  if (chess)
    return {
      experiment: 'chess',
      variant: '',
      model: `EleutherAI/pythia-${chess[1]}-deduped`,
      dataset: 'lichess 2023-11 (Rated Blitz game)',
      tokens,
    }
  const path = /^pathfinding (\d+x\d+) ([^ _]+)_(\S+)$/.exec(head)
  if (path)
    return {
      experiment: 'pathfinding',
      variant: `board ${path[1]}`,
      model: `${path[2]}/${path[3]}`,
      dataset: 'procedural',
      tokens,
    }
  const text = /^(.*) language ([^ _]+)_(\S+)$/.exec(head)
  for (const [pattern, experiment, variant] of language) {
    const kind = text && pattern.exec(text[1] ?? '')
    if (text && kind)
      return {
        experiment,
        variant: variant(kind),
        model: `${text[2]}/${text[3]}`,
        dataset: found[3] ?? '',
        tokens,
      }
  }
  return undefined
}
