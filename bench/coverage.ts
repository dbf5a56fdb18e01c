// How often 95 % intervals of tokens needed hold the truth: node tests/setup/run.mjs bench/coverage.ts [worlds] [part of a name]
// Fails when a world is held in less than 95 % (less twice the error of counting). Noise decides where the interval is another
// than that of the curve without noise in more than half of the worlds. There more than 99 % is reported, as wide where the
// noise is overrated: with the noise known exactly the truth is held less often. Where it is held as often, no knowledge of
// the noise helps: hypotheses are tested at their worst, a curve that lies on the level, and most curves do not.
import { coverage } from '../tests/analysis/coverage-of'
import { fresh, growing, latest, newest } from '../tests/analysis/fresh-worlds'
import { fewGrowing, last, luckyShares } from '../tests/analysis/later-worlds'
import { after, before } from '../tests/analysis/worlds'

const worlds = Number(process.argv[2] ?? 4000)
const part = process.argv[3] ?? ''
const draws = 500
const error = Math.sqrt((0.95 * 0.05) / worlds)
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
let failed = 0
for (const [title, table] of [
  ['seen while the method was chosen', before],
  ['written later', after],
  ['written when the method was fixed', fresh],
  ['noise that grows with length', growing],
  ['written after the trend of noise', latest],
  ['written after moment selection', newest],
  ['written after running means', last],
  ['written after the noise of shares', luckyShares],
  ['noise that grows, several seeds at fewer than four lengths', fewGrowing],
] as const) {
  console.log(`${title}, ${worlds} worlds each`)
  for (const world of table.filter(({ name }) => name.includes(part))) {
    const { truth, rate, noise, low, high, width } = coverage(world, worlds, draws)
    const isShort = rate < (world.least ?? 0.95) - 2 * error
    if (isShort) failed++
    const isHigh = noise > 0.5 && rate > 0.99
    const known = isHigh ? coverage(world, worlds, draws, true).rate : rate
    const remark = isHigh
      ? `, ${percent(known)} with known noise${rate > known + 0.005 ? ': wide' : ''}`
      : ''
    const interval = `${low.toPrecision(3)} – ${high.toPrecision(3)}`
    console.log(
      `  ${world.name.padEnd(72)} true ${truth.toPrecision(3).padStart(8)}, mean ${interval.padEnd(12)} ` +
        `median factor ${width.toPrecision(2).padStart(4)}, held ${percent(rate)}, ` +
        `${noise > 0.5 ? 'noise decides' : 'the grid decides'} (${percent(noise)})${remark}${isShort ? ' SHORT' : ''}`,
    )
  }
}
process.exitCode = failed === 0 ? 0 : 1
