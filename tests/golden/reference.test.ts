// The tests of the reference run the code of `spw verify`: every case must be within its tolerance, and none is skipped.
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import {
  isFailed,
  isSkipped,
  type VerifyCase,
  type VerifyContext,
} from '../../src-worker/verify/case'
import { casesOf, checks, placesOf } from '../../src-worker/verify/checks'
import { referencePath } from '../reference-path'

const resources = resolve(import.meta.dirname ?? __dirname, '../../resources')
const reference = referencePath('reference')
const context: VerifyContext = {
  reference,
  models: placesOf(reference, 'models', resources),
  data: placesOf(reference, 'data', resources),
  device: 'cpu',
}

/** check → least number of its cases */
const least: Readonly<Record<string, number>> = {
  tokenization: 3001,
  gradients: 151,
  precisions: 8,
  'soft-prompts': 41,
  trajectories: 41,
  batches: 1701,
  sampling: 1001,
  generation: 48,
  snapshots: 151,
  families: 1280,
  chess: 901,
  pathfinding: 601,
  tensorboard: 20,
}

// 49 models are opened for the families
test.each(Object.keys(checks))('%s: every case holds', { timeout: 300_000 }, async name => {
  const cases: VerifyCase[] = []
  for await (const each of casesOf(name, context)) cases.push(each)
  expect(cases.filter(each => isFailed(each) || isSkipped(each))).toEqual([])
  expect(cases.length).toBeGreaterThanOrEqual(least[name] ?? Number.POSITIVE_INFINITY)
})
