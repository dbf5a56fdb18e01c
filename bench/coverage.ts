// How often 95 % intervals of tokens needed hold the truth: node tests/setup/run.mjs bench/coverage.ts [worlds] [part of a name]
// Fails when a world is held in less than 95 % (less twice the error of counting). More than 99 % where noise decides is
// reported as wide: hypotheses are tested at their worst, a curve that lies on the level.
import { fresh, growing, latest, newest } from '../tests/analysis/fresh-worlds'
import { after, before, coverage } from '../tests/analysis/worlds'

const worlds = Number(process.argv[2] ?? 4000)
const part = process.argv[3] ?? ''
const error = Math.sqrt((0.95 * 0.05) / worlds)
let failed = 0
for (const [title, table] of [
  ['seen while the method was chosen', before],
  ['written later', after],
  ['written when the method was fixed', fresh],
  ['noise that grows with length', growing],
  ['written after the trend of noise', latest],
  ['written after moment selection', newest],
] as const) {
  console.log(`${title}, ${worlds} worlds each`)
  for (const world of table.filter(({ name }) => name.includes(part))) {
    const { truth, rate, low, high } = coverage(world, worlds, 500)
    const isShort = rate < 0.95 - 2 * error
    if (isShort) failed++
    const isWide = world.noisy === true && rate > 0.99 + error
    const remark = isShort ? '  SHORT' : isWide ? '  wide' : ''
    const interval = `${low.toPrecision(3)} – ${high.toPrecision(3)}`
    console.log(
      `  ${world.name.padEnd(66)} true ${truth.toPrecision(3).padStart(8)}, mean ${interval.padEnd(12)} ` +
        `held ${(100 * rate).toFixed(1)} %${world.noisy ? ', noise decides' : ''}${remark}`,
    )
  }
}
process.exitCode = failed === 0 ? 0 : 1
