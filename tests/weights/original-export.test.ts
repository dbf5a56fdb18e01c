// A snapshot written in the original's layout: our reader gives back what was written, and so does torch.load where there is one.
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toStateDict } from '../../src-worker/prompt/state-dict'
import { exportOriginal } from '../../src-worker/weights/original-snapshot'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { writeTorchTensor } from '../../src-worker/weights/torch-writer'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

const original = (file: string): string => referencePath('reference/snapshots', file)
const files = [
  'direct_p5.pt',
  'direct_p5_no_dataset.pt',
  'direct_p0.pt',
  'linear_p3.pt',
  'mlp_p2_hidden2_w16.pt',
  'mlp_p0.pt',
  'mlp_p4_h128.pt',
  'resnet_p2.pt',
  'shared_resnet_p1.pt',
  'shared_resnet_p3.pt',
]

/** Reads the archive's pickle with Python's own unpickler; sha256 of each tensor's bytes by name, and the metadata. */
const plainPython = `
import sys, json, zipfile, pickle, io, hashlib, collections
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
top = [n for n in z.namelist() if n.endswith('data.pkl')][0][:-len('data.pkl')]
class Reader(pickle.Unpickler):
    def find_class(self, module, name):
        if name == 'OrderedDict': return collections.OrderedDict
        if name == 'FloatStorage': return name
        assert (module, name) == ('torch._utils', '_rebuild_tensor_v2')
        return lambda storage, offset, shape, stride, grad, hooks: [storage, offset, shape, stride, grad]
    def persistent_load(self, known):
        return known
state, metadata = Reader(io.BytesIO(z.read(top + 'data.pkl'))).load()
out = {}
for name, (storage, offset, shape, stride, grad) in state.items():
    kind, dtype, key, place, count = storage
    assert (kind, dtype, place, offset, grad) == ('storage', 'FloatStorage', 'cpu', 0, False)
    data = z.read(top + 'data/' + key)
    assert len(data) == 4 * count
    out[name] = [list(shape), list(stride), hashlib.sha256(data).hexdigest()]
print(json.dumps([out, metadata]))
`
const torchPython = `
import sys, json, torch
state, metadata = torch.load(sys.argv[1], weights_only=True)
again = {k: [list(v.shape), str(v.dtype), v.double().sum().item()] for k, v in state.items()}
print(json.dumps([again, metadata]))
`
const tensorPython = `
import sys, json, torch
tensor = torch.load(sys.argv[1], weights_only=True)
assert tensor.dtype == torch.float32 and tensor.is_contiguous()
print(json.dumps([list(tensor.shape), tensor.flatten().tolist()]))
`
// vLLM's own reader of a request's prompt_embeds, without the engine that importing vllm as a whole would load
const vllmPython = `
import base64, importlib.util, json, sys, torch
from types import ModuleType, SimpleNamespace
[root] = importlib.util.find_spec('vllm').submodule_search_locations
for name in ('vllm', 'vllm.renderers', 'vllm.utils'):
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = [root + name[4:].replace('.', '/')]
from vllm.renderers.embed_utils import safe_load_prompt_embeds
model = dict(enable_prompt_embeds=True, hf_text_config=None, get_hidden_size=lambda: 5, dtype=torch.float32)
tensor = safe_load_prompt_embeds(SimpleNamespace(**model), base64.b64encode(open(sys.argv[1], 'rb').read()))
print(json.dumps([list(tensor.shape), tensor.flatten().tolist()]))
`
const python = (program: string, path: string) => {
  const ran = spawnSync('python3', ['-c', program, path], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(ran.stderr)
  return JSON.parse(ran.stdout)
}
const has = (program: string): boolean => spawnSync('python3', ['-c', program]).status === 0

const written = async (file: string) => {
  const snapshot = await openSnapshot(original(file))
  const path = join(temporaryFolder(), 'out.pt')
  await exportOriginal(path, snapshot)
  return { snapshot, path }
}

async function embeds() {
  const path = join(temporaryFolder(), 'prompt.pt')
  const rows = Float32Array.from({ length: 15 }, (_, i) => Math.fround(Math.sin(i) / 3))
  await writeTorchTensor(path, { shape: [3, 5], data: rows })
  return { path, rows: [...rows] }
}

describe.each(files)('%s', file => {
  test('our reader gives back what was read, bit for bit', async () => {
    const { snapshot, path } = await written(file)
    expect(await openSnapshot(path)).toEqual(snapshot)
    const again = join(temporaryFolder(), 'again.pt')
    await exportOriginal(again, snapshot)
    expect(await readFile(again)).toEqual(await readFile(path))
  })

  test.skipIf(!has('pass'))(
    "Python's own unpickler finds what torch.save had written",
    async () => {
      const { path } = await written(file)
      expect(python(plainPython, path)).toEqual(python(plainPython, original(file)))
    },
  )
})

// one test for all that wants torch: where Python has none it is skipped once; its name says what it does not reach
const torch = has('import torch')
const vllm = torch && has('import pybase64, importlib.metadata as found; found.version("vllm")')
const lacking = torch
  ? vllm
    ? ''
    : ' (without vLLM: python3 has none)'
  : ' (skipped: python3 has no torch)'
test.skipIf(!torch)(
  `torch.load finds what it finds in the original, and a tensor of ours; vLLM reads it as prompt_embeds${lacking}`,
  async () => {
    for (const file of files) {
      const { path } = await written(file)
      expect(python(torchPython, path)).toEqual(python(torchPython, original(file)))
    }
    const { path, rows } = await embeds()
    expect(python(tensorPython, path)).toEqual([[3, 5], rows])
    if (vllm) expect(python(vllmPython, path)).toEqual([[3, 5], rows])
  },
)

test('a snapshot of ours gets the names and sizes of the original, 0 where it does not tell', async () => {
  const { snapshot } = await written('shared_resnet_p3.pt')
  const { metadata, parameters } = snapshot
  const training = { lanes: 8, accumulation: 2, length: 64, learningRate: 0.01 }
  const ours = {
    metadata: { ...metadata, source: 'workbench' as const, training, step: 7 },
    parameters,
  }
  const path = join(temporaryFolder(), 'ours.pt')
  await exportOriginal(path, ours)
  const back = await openSnapshot(path)
  expect(back.metadata.training).toEqual({
    training_step_index: 7,
    accumulation_step_count: 2,
    batch_lanes_per_step: 8,
    maximum_sample_length_in_tokens: 64,
    learning_rate: 0.01,
    weight_decay: 0,
  })
  expect(back.metadata.shape).toEqual(metadata.shape)
  expect(toStateDict(metadata.shape, back.parameters)).toEqual(
    toStateDict(metadata.shape, parameters),
  )
})
