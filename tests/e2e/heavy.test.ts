// A model too heavy for a thread of Electron trains all the same: it gets a process of its own, the engine and
// the window stay. Gigabytes and a minute, so only when SPW_TEST_HEAVY is set.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeModel } from '../../bench/models'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { ask, openApp, skipReason } from './harness'
import { demoSpec, startRun, untilState } from './runs'

const wanted = process.env.SPW_TEST_HEAVY !== undefined && skipReason === ''

test.skipIf(!wanted)(
  `the 160m shape, 8 lanes of 256, from the desktop${wanted ? '' : ' (skipped: set SPW_TEST_HEAVY=1, it takes gigabytes)'}`,
  async () => {
    const model = writeModel(temporaryFolder(), 'pythia-160m', 'F16')
    cpSync(
      referencePath('models/tokenizers/gpt-neox-20b/tokenizer.json'),
      join(model, 'tokenizer.json'),
    )
    const app = await openApp()
    try {
      const { pid } = await ask(app.page, 'engineInfo', {})
      const spec = demoSpec(2)
      const training = { ...spec.training, lanes: 8, length: 256 }
      const id = await startRun(app.page, { ...spec, model, training })
      const run = await untilState(app.page, id, ['done'], 400_000)
      expect(run.metrics.Loss?.last).toBeGreaterThan(0)
      expect(await ask(app.page, 'engineInfo', {})).toMatchObject({ pid, host: 'thread' })
      expect(app.problems).toEqual([])
      process.stdout.write(`largest memory ${(run.metrics['Memory bytes']?.max ?? 0) / 1e9} GB\n`)
    } finally {
      await app.close()
    }
  },
  500_000,
)
