// An invented library, for looking at the screens in a browser.
const snapshot = (path: string, experiment: string, tokens: number, step: number, extra = {}) => ({
  path,
  title: experiment,
  kind: 'checkpoint',
  run: 'run-9',
  step,
  quickTest: 4 - step / 2000,
  fullTest: null,
  finalTest: null,
  trainLoss: 4 - step / 2000,
  date: `2026-11-24T0${step % 9}:12:00Z`,
  bytes: 98_304,
  behaviour: experiment,
  playground: { chess: 'chess', pathfinding: 'paths' }[experiment] ?? 'text',
  modelPath: 'workbench-demo-base',
  misfit: '',
  metadata: {
    source: 'workbench',
    model: 'workbench-demo-base',
    experiment,
    dataset: 'demo',
    step,
    init: 'vocabulary',
    shape:
      experiment === 'text' || experiment === 'autoregressive'
        ? { type: 'direct', tokens, width: 192 }
        : { type: 'mlp', tokens, width: 192, conditions: 2, hiddenLayers: 0, hiddenWidth: 128 },
    conditionNames: experiment === 'chess' ? ['white Elo', 'black Elo'] : [],
    training: { learning_rate: 0.001, steps: 4096 },
  },
  ...extra,
})
const snapshots = [
  ...[512, 1024, 2048, 4096].map(step =>
    snapshot(
      `/runs/chess/step-${step}.safetensors`,
      'chess',
      64,
      step,
      step === 4096 ? { kind: 'snapshot' } : {},
    ),
  ),
  ...[256, 512].map(step =>
    snapshot(`/runs/path/step-${step}.safetensors`, 'pathfinding', 16, step, { run: 'run-7' }),
  ),
  ...[128, 256, 512].map(step =>
    snapshot(`/runs/text/step-${step}.safetensors`, 'autoregressive', 16, step, { run: 'run-5' }),
  ),
  snapshot('/imports/direct_p5.pt', 'autoregressive', 5, 0, {
    kind: 'imported',
    run: '',
    modelPath: null,
    metadata: {
      source: 'original-pt',
      model: 'EleutherAI/pythia-410m-deduped',
      shape: { type: 'direct', tokens: 5, width: 1024 },
      conditionNames: [],
      training: { soft_prompt_token_count: 5, training_step_count: 1536, batch_lanes_per_step: 32 },
    },
  }),
  snapshot('/imports/odd', 'custom', 8, 0, {
    kind: 'imported',
    run: '',
    misfit: 'The prompt is 1024 wide, the model workbench-demo-base is 192 wide.',
  }),
]

const words = [
  'the',
  'quick',
  'brown',
  'fox',
  'jumps',
  'over',
  'it',
  'all',
  'day',
  'long',
  'a',
  'b',
  'c',
  'd',
  'e',
]

export const answers = {
  snapshots: () => snapshots,
  snapshot: ({ path }: { path: string }) => ({
    entry: snapshots.find(s => s.path === path),
    tensors: [{ name: 'soft_prompt', shape: [5, 1024], norm: 3.21, largest: 0.82 }],
    nearest: [0, 1, 2, 3, 4].map(i =>
      [0, 1, 2].map(j => ({ token: words[i * 3 + j], similarity: 0.8 - 0.1 * j })),
    ),
  }),
  importSnapshot: ({ path }: { path: string }) => {
    if (path.endsWith('.txt'))
      throw {
        code: 'bad-snapshot',
        message: `${path} is text, not a snapshot.`,
        fix: 'Choose a .pt, .safetensors or PEFT folder.',
      }
    return snapshots.at(-2)
  },
  exportSnapshot: ({ to }: { to: string }) => ({ path: to }),
  trashSnapshot: () => null,
  restoreSnapshot: () => null,
}
