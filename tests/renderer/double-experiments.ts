// Invented experiments, specs and plans.
import { runSpecSchema } from '../../src-worker/contract/run-spec'

const repeated = { control: 'text', path: 'experiment.text', label: 'String to repeat' }

const card = (kind: string, title: string, explanation: string, finding: string) => ({
  kind,
  title,
  explanation,
  finding,
  measures: [],
  criterion: { kind: 'gain', measure: 'Final Test Loss Average', better: 'lower' },
  options: kind === 'repetition' ? [repeated] : [],
  dataKinds: [{ chess: 'chess', pathfinding: 'procedural', custom: 'custom' }[kind] ?? 'text'],
  ownData: { pathfinding: 'made', custom: 'none' }[kind] ?? 'bundled',
  playground: { chess: 'chess', pathfinding: 'paths' }[kind] ?? 'text',
  demo: { experiment: { kind }, model: 'workbench-demo-base', data: { path: 'demo' } },
})

const fill = (input: Record<string, never>) => {
  const given = input as {
    experiment?: { kind: string }
    prompt?: object
    training?: object
    data?: object
    model?: string
  }
  if (!given.model) throw { code: 'usage', message: 'No model is chosen.', fix: 'Choose a model.' }
  const parsed = runSpecSchema.safeParse({
    ...given,
    data: { path: 'demo', ...given.data },
    prompt: { type: 'direct', tokens: 16, init: { kind: 'zero' }, ...given.prompt },
    training: { steps: 1536, ...given.training },
  })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw {
    code: 'usage',
    message: `${issue?.path.join('.')}: ${issue?.message}`,
    fix: 'Correct the values named here.',
  }
}

export const answers = {
  behaviours: () => [
    card(
      'autoregressive',
      'Autoregressive',
      'Plain text, the control: a prompt should gain little.',
      'One token already gets most of what there is to get.',
    ),
    card(
      'skip-tokens',
      'Skip tokens',
      'Predict n tokens further ahead.',
      'Hard: the loss falls slowly with length.',
    ),
    card('repetition', 'Repetition', 'Say one string over and over.', 'A single token is enough.'),
    card(
      'chat-detuning',
      'Chat detuning',
      'Make a chat model read plain text again.',
      'A few tokens undo the tuning.',
    ),
    card('chess', 'Chess', 'The next move, given both Elos.', 'Legal moves appear with 64 tokens.'),
    card('pathfinding', 'Pathfinding', 'Walk a maze as well as asked.', 'Short mazes only.'),
    card('favor-future', 'Favor the future', 'Make later tokens easy.', 'Barely moves.'),
    card('custom', 'Bring your own', 'Your prompts and completions.', 'Yours to find.'),
  ],
  resolveSpec: fill,
  previewExamples: () => ({
    read: 4,
    leftOut: { 'empty text': 1 },
    examples: [1, 2, 3].map(i => ({
      changes: [],
      conditions: [],
      chunks: [
        { text: '', role: 'soft-prompt' },
        { text: `Translate: cheese ${i}`, role: 'context' },
        { text: ' fromage', role: 'label' },
      ],
    })),
  }),
  commandLine: () =>
    'spw sweep --experiment skip-tokens --skip 2 --model EleutherAI/pythia-70m-deduped --tokens 0,1,4,16,64 --seeds 1,2,3',
  planSweep: ({ sweep }: { sweep: { tokens: number[]; seeds: number[]; models: string[] } }) => ({
    cells: (sweep.models.length ? sweep.models : ['m']).flatMap(m =>
      (sweep.tokens.length ? sweep.tokens : [16]).flatMap(t =>
        (sweep.seeds.length ? sweep.seeds : [0]).map(s => ({
          key: `${m}${t}${s}`,
          model: m,
          dataset: 'demo',
          tokens: t,
          seed: s,
          promptType: t ? 'direct' : 'none',
          existing: t === 1 ? 'run-5' : null,
          fault: null,
        })),
      ),
    ),
    memory: {
      weightsBytes: 6.5e8,
      activationBytes: 9e8,
      logitsBytes: 2e8,
      optimizerBytes: 1e6,
      totalBytes: 1.9e9,
      freeBytes: 21.4e9,
      fittingAccumulation: null,
      host: 'thread',
    },
    secondsPerStep: 0.55,
    measured: true,
    seconds: 19200,
    diskBytes: 180e6,
    device: 'cpu',
    differences: ['steps 300, paper 1,536'],
    data: [],
  }),
  startSweep: () => ({ sweep: 'sweep-1', runs: ['run-0', 'run-1'] }),
  freezeSweep: () => ({ hash: 'abcd' }),
}
