// An invented library, settings and plan.
import { datasetEntrySchema, settingsSchema } from '../../src-worker/contract/library'
import { runSpecSchema } from '../../src-worker/contract/run'

let settings = settingsSchema.parse({})
const theme = new URLSearchParams(location.search).get('theme')
if (theme === 'dark' || theme === 'light') settings.theme = theme

const model = (id: string, parameters: number, extra = {}) => ({
  id, path: `/models/${id}`, bundled: false, family: 'gpt-neox', hiddenSize: 768, layers: 12, vocabularySize: 50304,
  parameters, bytes: parameters * 4, maxPositions: 2048, chatTemplate: false, fault: null, ...extra,
})
const card = (kind: string, title: string, explanation: string, finding: string) => ({
  kind, title, explanation, finding,
  demo: { experiment: { kind }, model: 'workbench-demo-base', data: { path: 'demo' } },
})
const demos = ['autoregressive', 'chess', 'pathfinding']
void demos

const fill = (input: Record<string, never>) => {
  const given = input as { experiment?: { kind: string }; prompt?: object; training?: object; data?: object; model?: string }
  if (!given.model) throw { code: 'usage', message: 'No model is chosen.', fix: 'Choose a model.' }
  const parsed = runSpecSchema.safeParse({
    ...given,
    data: { path: 'demo', ...given.data },
    prompt: { type: 'direct', tokens: 16, init: { kind: 'zero' }, ...given.prompt },
    training: { steps: 1536, ...given.training },
  })
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw { code: 'usage', message: `${issue?.path.join('.')}: ${issue?.message}`, fix: 'Correct the values named here.' }
}

export const answers = {
  appInfo: () => ({ version: '0.1.0', electron: '45', chrome: '142', node: '24', platform: 'linux', packaged: false, home: '/home/me/.local/share/soft-prompt-workbench', softwareRendering: false }),
  engineStateNow: () => ({ kind: 'ready', fault: null }),
  engineInfo: () => ({ version: '0.1.0', versions: { 'onnxruntime-node': '1.30.0' }, home: '/home/me/spw', resources: '/app/resources', pid: 1, host: 'thread', memoryBytes: 4e8 }),
  devices: () => [{ id: 'cpu', name: 'CPU', memoryBytes: 24e9, freeBytes: 21.4e9, driver: '', fault: null }, { id: 'cuda:0', name: 'NVIDIA GPU', memoryBytes: 0, freeBytes: 0, driver: '', fault: { code: 'device', message: 'No NVIDIA driver was found.', fix: 'Install the driver, or train on the CPU.' } }],
  settings: () => settings,
  saveSettings: (next: typeof settings) => (settings = next),
  engineLog: () => ['engine started', 'ready'],
  restartEngine: () => null, relaunch: () => null, copyText: () => null, showInFolder: () => null, openExternal: () => null,
  chooseFiles: () => ['/data/pairs.jsonl'], chooseFolder: () => '/models/mine', saveFile: () => '/home/me/file', openTextFile: () => null,
  hubToken: () => ({ saved: false, keychain: true }), saveHubToken: () => ({ saved: true }),
  models: () => [
    model('workbench-demo-base', 3.4e6, { bundled: true }), model('workbench-demo-chat', 3.4e6, { bundled: true, chatTemplate: true, family: 'llama' }),
    model('EleutherAI/pythia-70m-deduped', 70.4e6), model('EleutherAI/pythia-160m-deduped', 162.3e6), model('EleutherAI/pythia-1b-deduped', 1.01e9),
    model('broken/model', 0, { fault: { code: 'bad-weights', message: 'gpt_neox.embed_in.weight is [50304, 512] in the file, [50304, 768] in config.json', fix: 'Download the model folder again.' } }),
  ],
  datasets: () => [
    { id: 'demo-text', path: 'demo', title: 'Bundled text', kind: 'text', bundled: true, bytes: 2.1e6, documents: 1800, field: 'text' },
    { id: 'rp', path: '/data/redpajama_v2_sample.json.gz', title: 'redpajama_v2_sample.json.gz', kind: 'text', bundled: false, bytes: 18e6, documents: 4210, field: 'raw_content' },
    { id: 'li', path: '/data/lichess_sample.pgn.zst', title: 'lichess_sample.pgn.zst', kind: 'chess', bundled: false, bytes: 9e6, documents: null, field: '' },
  ].map(d => datasetEntrySchema.parse(d)),
  previewDataset: ({ path }: { path: string }) => ({ path, kind: 'text', field: 'text', fields: ['prompt', 'completion', 'text'], rows: [{ prompt: 'Translate: cheese', completion: 'fromage', text: 'The town hall was built in 1893 and …' }, { prompt: 'Translate: bread', completion: 'pain', text: 'A second document begins here.' }], skipped: { empty: 2 } }),
  addDataset: ({ path }: { path: string }) => ({ id: path, path, title: path.split('/').at(-1), kind: 'custom', bundled: false, bytes: 1200, documents: 20, field: '' }),
  removeDataset: () => null, addModel: () => model('mine', 1e6), removeModel: () => null,
  snapshots: () => [], presets: () => [{ name: 'Paper, figure 1', bundled: true, sweep: { name: '', base: { experiment: { kind: 'skip-tokens', skip: 1 }, model: 'EleutherAI/pythia-70m-deduped' }, tokens: [0, 1, 4, 16, 64], models: [], datasets: [], seeds: [5], untrained: false } }],
  savePreset: () => [], deletePreset: () => [],
  warmModels: () => [],
  downloads: () => [
    { key: 'EleutherAI/pythia-410m-deduped@main', id: 'EleutherAI/pythia-410m-deduped', state: 'running', file: 'model.safetensors', doneBytes: 312e6, totalBytes: 911e6, bytesPerSecond: 8.2e6, secondsLeft: 73, fault: null },
    { key: 'x/y@main', id: 'x/y', state: 'failed', file: '', doneBytes: 0, totalBytes: null, bytesPerSecond: 0, secondsLeft: null, fault: { code: 'network', message: 'The hub answered 404 for x/y.', fix: 'Check the id.' } },
  ],
  hubFiles: ({ id }: { id: string }) => ({ id, commit: 'e93a9faa9c77e5d09219f6c868bfc7a1bd65593c', files: [{ path: 'config.json', bytes: 567, sha256: '', needed: true }, { path: 'model.safetensors', bytes: 375e6, sha256: 'ab'.repeat(32), needed: true }, { path: 'pytorch_model.bin', bytes: 375e6, sha256: '', needed: false }], neededBytes: 375e6, freeDiskBytes: 40e9 }),
  startDownload: () => null, pauseDownload: () => null, resumeDownload: () => null, cancelDownload: () => null,
  experiments: () => [
    card('autoregressive', 'Autoregressive', 'Plain text, the control: a prompt should gain little.', 'One token already gets most of what there is to get.'),
    card('skip-tokens', 'Skip tokens', 'Predict n tokens further ahead.', 'Hard: the loss falls slowly with length.'),
    card('repetition', 'Repetition', 'Say one string over and over.', 'A single token is enough.'),
    card('chat-detuning', 'Chat detuning', 'Make a chat model read plain text again.', 'A few tokens undo the tuning.'),
    card('chess', 'Chess', 'The next move, given both Elos.', 'Legal moves appear with 64 tokens.'),
    card('pathfinding', 'Pathfinding', 'Walk a maze as well as asked.', 'Short mazes only.'),
    card('favor-future', 'Favor the future', 'Make later tokens easy.', 'Barely moves.'),
    card('custom', 'Bring your own', 'Your prompts and completions.', 'Yours to find.'),
  ],
  resolveSpec: fill,
  previewExamples: () => [1, 2, 3].map(i => ({ conditions: [], pieces: [{ text: '', role: 'soft-prompt' }, { text: `Translate: cheese ${i}`, role: 'context' }, { text: ' fromage', role: 'label' }] })),
  commandLine: () => 'spw sweep --experiment skip-tokens --skip 2 --model EleutherAI/pythia-70m-deduped --tokens 0,1,4,16,64 --seeds 1,2,3',
  planSweep: ({ sweep }: { sweep: { tokens: number[]; seeds: number[]; models: string[] } }) => ({
    cells: (sweep.models.length ? sweep.models : ['m']).flatMap(m => (sweep.tokens.length ? sweep.tokens : [16]).flatMap(t => (sweep.seeds.length ? sweep.seeds : [0]).map(s => ({ key: `${m}${t}${s}`, model: m, dataset: 'demo', tokens: t, seed: s, promptType: t ? 'direct' : 'none', existing: t === 1 ? 'run-5' : null, fault: null })))),
    memory: { weightsBytes: 6.5e8, activationBytes: 9e8, logitsBytes: 2e8, optimizerBytes: 1e6, totalBytes: 1.9e9, freeBytes: 21.4e9, fittingAccumulation: null, host: 'thread' },
    secondsPerStep: 0.55, measured: true, seconds: 19200, diskBytes: 180e6, device: 'cpu', differences: ['steps 300, paper 1,536'],
  }),
  startSweep: () => ({ sweep: 'sweep-1', runs: ['run-0', 'run-1'] }),
  freezeSweep: () => ({ hash: 'abcd' }),
  cancel: () => null, unloadModels: () => null,
}
