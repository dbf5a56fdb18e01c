// A reference that the code has never seen: other models, seeds, lengths, prompt kinds (resources/reference, made by
// tests/reference/make.py). All of it holds, parts of it may be missing, and a changed number is found.
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  isFailed,
  isSkipped,
  type VerifyCase,
  type VerifyContext,
} from '../../src-worker/verify/case'
import { casesOf, checks, ownReference, placesOf } from '../../src-worker/verify/checks'
import { spw } from '../cli/spw'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'

const resources = resolve(import.meta.dirname ?? __dirname, '../../resources')
const small = join(resources, 'reference')

const contextOf = (reference: string): VerifyContext => ({
  reference,
  models: placesOf(reference, 'models', resources),
  data: placesOf(reference, 'data', resources),
  device: 'cpu',
})

async function all(name: string, reference: string): Promise<VerifyCase[]> {
  const cases: VerifyCase[] = []
  for await (const each of casesOf(name, contextOf(reference))) cases.push(each)
  return cases
}
const passed = (cases: readonly VerifyCase[]): number =>
  cases.filter(each => !isFailed(each) && !isSkipped(each)).length

/** Parts that the small reference does not have. */
const without = [
  'snapshots bits',
  'pathfinding statistics',
  'pathfinding batches',
  'families all',
  'tensorboard all',
]

test.each(Object.keys(checks))(
  '%s holds on a reference of other models and lengths',
  async name => {
    const cases = await all(name, small)
    expect(cases.filter(isFailed)).toEqual([])
    const skipped = cases.filter(isSkipped).map(each => `${each.check} ${each.case}`)
    expect(skipped).toEqual(without.filter(each => each.startsWith(`${name} `)))
  },
)

/** A copy without some of its files. */
function copyWithout(...paths: string[]): string {
  const folder = join(temporaryFolder(), 'reference')
  cpSync(small, folder, { recursive: true })
  for (const path of paths) rmSync(join(folder, path), { recursive: true })
  return folder
}

const everything = 0
test.each([
  { gone: 'gradients', check: 'gradients', left: everything, note: 'there is no gradients/' },
  {
    gone: 'gradients/other-neox.safetensors',
    check: 'gradients',
    left: 20,
    note: 'gradients/other-neox.safetensors is not there',
  },
  {
    gone: 'models/other-llama',
    check: 'gradients',
    left: 20,
    note: 'the model other-llama is not there',
  },
  {
    gone: 'models/other-llama',
    check: 'precisions',
    left: 2,
    note: 'the model other-llama is not there',
  },
  {
    gone: 'models/other-neox',
    check: 'tokenization',
    left: 37,
    note: 'the tokenizer other-neox is not there',
  },
  {
    gone: 'soft_prompts/mlp.safetensors',
    check: 'soft-prompts',
    left: 11,
    note: 'soft_prompts/mlp.safetensors is not there',
  },
  {
    gone: 'trajectories/other-neox_mlp.safetensors',
    check: 'trajectories',
    left: 24,
    note: 'trajectories/other-neox_mlp.safetensors is not there',
  },
  {
    gone: 'generation/generation.safetensors',
    check: 'generation',
    left: everything,
    note: 'generation/generation.safetensors is not there',
  },
  {
    gone: 'snapshots/malformed/half.pt',
    check: 'snapshots',
    left: 100,
    note: 'malformed/half.pt is not there',
  },
  {
    gone: 'data/other_games.pgn',
    check: 'chess',
    left: 2,
    note: 'the data file other_games.pgn is not there',
  },
  {
    gone: 'batches/preparers.json',
    check: 'batches',
    left: 4,
    note: 'batches/preparers.json is not there',
  },
  { gone: 'pathfinding', check: 'pathfinding', left: everything, note: 'there is no pathfinding/' },
  {
    gone: 'sampling/sampling.json',
    check: 'sampling',
    left: everything,
    note: 'sampling/sampling.json is not there',
  },
])('without $gone, $check is skipped there and runs elsewhere', async part => {
  const cases = await all(part.check, copyWithout(part.gone))
  expect(cases.filter(isFailed)).toEqual([])
  expect(cases.filter(isSkipped).map(each => each.note)).toContain(part.note)
  expect(passed(cases)).toBe(part.left)
})

test('archives of results beside those of event files are none of them', async () => {
  const folder = temporaryFolder()
  cpSync(referencePath('published'), join(folder, 'published'), { recursive: true })
  writeFileSync(join(folder, 'a result.txt'), 'e2e4')
  execFileSync('tar', ['-cf', 'published/published-results.tar', 'a result.txt'], { cwd: folder })
  const cases = await all('tensorboard', folder)
  expect(cases.filter(each => isFailed(each) || isSkipped(each))).toEqual([])
  expect(passed(cases)).toBe(23)
})

/** Changes one number or text of a JSON file. */
function changed(file: string, from: string | RegExp, to: string): string {
  const folder = copyWithout()
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  const other = text.replace(from, to)
  expect(other).not.toBe(text)
  writeFileSync(path, other)
  return folder
}

describe('a reference that is wrong somewhere', () => {
  test.each([
    ['generation', 'generation/generation.json', /"generated_ids":\[\d+/, '"generated_ids":[3'],
    ['batches', 'batches/preparers.json', /"labels":\[\[-?\d+/, '"labels":[[5'],
    ['snapshots', 'snapshots/expected.json', /"sha256":"./, '"sha256":"z'],
    ['chess', 'chess/games.json', /"legal_move_count":\d+/, '"legal_move_count":99'],
    ['pathfinding', 'pathfinding/optimal_moves.json', /"distances":\[\[/, '"distances":[[7,'],
    ['trajectories', 'trajectories/trajectories.json', '"epsilon":1e-06', '"epsilon":0.001'],
    ['sampling', 'sampling/sampling.json', '"temperature":0.6', '"temperature":0.61'],
    ['tokenization', 'tokenization/other-llama.json', /"decoded":" "/, '"decoded":"  "'],
  ])('%s fails on it', async (name, file, from, to) => {
    const cases = await all(name, changed(file, from, to))
    expect(cases.filter(isFailed).length).toBeGreaterThan(0)
    expect(passed(cases)).toBeGreaterThan(0)
  })

  test('a file that cannot be read fails, and the others are compared', async () => {
    const folder = changed('gradients/other-neox.json', '{', '{{')
    const cases = await all('gradients', folder)
    expect(cases.filter(isFailed).map(each => each.case)).toEqual(['other-neox'])
    expect(passed(cases)).toBe(20)
  })
})

describe('spw verify', () => {
  test('takes the whole reference in a checkout, the small one elsewhere', () => {
    expect(ownReference(resources)).toBe(resolve(resources, '../tests/reference'))
    const elsewhere = join(temporaryFolder(), 'resources')
    expect(ownReference(elsewhere)).toBe(join(elsewhere, 'reference'))
  })

  test('counts what it skips; an empty folder is a fault', async () => {
    const home = temporaryFolder()
    const own = await spw(home, 'verify', '--reference', small, '--only', 'snapshots')
    expect(own.code).toBe(0)
    expect(own.out).toContain('101 passed, 0 failed, 1 skipped')
    const none = await spw(home, 'verify', '--reference', home)
    expect(none.code).toBe(1)
    expect(none.err).toContain('has none of the numbers of tokenization')
  })
})
