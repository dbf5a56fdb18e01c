// npm run fuzz -- [--minutes N] [--seed N] [--only READER]: seeded damage through every reader; ends with 1 when one fails.
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})

async function main(): Promise<void> {
  const seconds = Number(values.minutes) * 60
  const { failures, ...counts } = await fuzz({
    ...{ seconds, seed: Number(values.seed), only: values.only },
    say: line => console.log(line),
  })
  console.log(JSON.stringify({ ...counts, failures: failures.length }, null, 2))
  process.exitCode = failures.length > 0 ? 1 : 0
}

void main()
