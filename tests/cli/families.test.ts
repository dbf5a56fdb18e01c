// Models of other families, of none, and chats, through the command line.
import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { referencePath } from '../reference-path'
import { changed } from '../weights/changed-model'
import { spw } from './spw'

const home = (): Promise<string> => mkdtemp(join(tmpdir(), 'spw-families-'))

async function textFile(): Promise<string> {
  const path = join(await home(), 'text.txt')
  const line = 'The ship sailed on, and three others with it, to the end of the world.\n'
  await writeFile(path, line.repeat(400))
  return path
}

const short = [
  ...['--experiment', 'autoregressive', '--steps', '2', '--tokens', '2', '--lanes', '2'],
  ...['--length', '16', '--results', '0', '--init', 'vocabulary', '--device', 'cpu'],
]

test('an unsupported model leaves no run behind, and plan says so first', async () => {
  const [place, model] = [await home(), await changed('tiny-llama', { model_type: 'mixtral' })]
  const given = ['--model', model, '--data', await textFile(), ...short]
  const trained = await spw(place, 'train', ...given)
  expect(trained.code).not.toBe(0)
  expect(trained.err).toContain('mixtral is a mixture of experts')
  expect(await readdir(join(place, 'runs')).catch(() => [])).toEqual([])
  const planned = await spw(place, 'plan', ...given)
  expect(planned.code).not.toBe(0)
  expect(planned.out.split('\n')[0]).toContain('mixtral is a mixture of experts')
  expect(planned.out).not.toContain('no accumulation fits')
})

test.each(['gemma3-text', 'gpt2', 'mpt'])('%s trains, and its snapshot writes', async name => {
  const [place, model] = [await home(), referencePath('reference/families/models', name)]
  const out = join(place, 'prompt.safetensors')
  const few = ['--held-out-units', '1']
  const given = ['--model', model, '--data', await textFile(), ...short, ...few, '--out', out]
  const trained = await spw(place, 'train', ...given)
  expect(trained.err + trained.out).toContain('done')
  const ask = ['--snapshot', out, '--prompt', 'The', '--max-tokens', '5', '--temperature', '0']
  const written = await spw(place, 'sample', '--model', model, ...ask)
  expect(written.code).toBe(0)
  expect(written.out.length).toBeGreaterThan(1)
})

test('a chat by one message and by a list is the same', async () => {
  const place = await home()
  const model = referencePath('models/workbench-demo-chat')
  const greedy = ['--model', model, '--temperature', '0', '--max-tokens', '8']
  const one = await spw(place, 'sample', ...greedy, '--chat', '--prompt', 'hello')
  const messages = JSON.stringify([{ role: 'user', content: 'hello' }])
  const list = await spw(place, 'sample', ...greedy, '--messages', messages)
  const path = join(place, 'messages.json')
  await writeFile(path, messages)
  const file = await spw(place, 'sample', ...greedy, '--messages', path)
  const plain = await spw(place, 'sample', ...greedy, '--prompt', 'hello')
  expect(one.code).toBe(0)
  expect([list.out, file.out]).toEqual([one.out, one.out])
  expect(plain.out).not.toBe(one.out)
})

test.each([
  [['--messages', '[]', '--chat'], '--messages is given beside --chat or --prompt'],
  [['--messages', '[{"role": "user"}]'], '--messages 0.content'],
  [['--messages', '[1'], '--messages is not JSON'],
  [['--system', 'x'], '--system is given without --chat'],
])('%j is refused', async (flags, words) => {
  const place = await home()
  const said = await spw(place, 'sample', '--model', referencePath('models/tiny-llama'), ...flags)
  expect(said.code).not.toBe(0)
  expect(said.err).toContain(words)
})
