// Graph replay of the decoding programs, as tests/graph/replay.test.ts: UPDATE_REPLAY=1 records a change.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digest } from '../../src-worker/graph/digest'
import { toOnnx } from '../../src-worker/graph/onnx'
import { languageModel } from '../../src-worker/model/family'
import { decodeProgram } from '../../src-worker/program/decode'
import { sampledStepsProgram } from '../../src-worker/program/sampled-steps'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'

const file = join(__dirname, 'replay.json')
const programs = { decode: decodeProgram, 'sampled steps': sampledStepsProgram }

test('decoding programs are the recorded ones', async () => {
  const found: Record<string, unknown> = {}
  for (const name of ['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'tiny-llama-tied']) {
    const model = languageModel(await openModelFolder(referencePath('models', name)))
    for (const [kind, make] of Object.entries(programs))
      found[`${name} ${kind}`] = digest(toOnnx(make(model), model.weightsFolder))
  }
  if (process.env.UPDATE_REPLAY === '1')
    writeFileSync(file, `${JSON.stringify(found, undefined, 2)}\n`)
  expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})
