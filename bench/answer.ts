// Steps of training that finding the answer takes, against a fixed grid (1, 4, 16, 64 tokens × 3 seeds) that ends at the same
// width, on synthetic curves of known truth: node tests/setup/run.mjs bench/answer.ts
import { elicitable, find, questionOf, steps, trueTokens } from '../tests/answer/worlds'

const grid = 12 * steps
let worst = 0
for (const within of [4, 2, 1.5]) {
  // a grid of the same width over 1 … 64 tokens: one length more for each factor
  const lengths = Math.ceil(Math.log(64) / Math.log(within)) + 1
  const cost = within === 4 ? grid : lengths * 3 * steps
  console.log(
    `within a factor of ${within}: the grid of ${cost / steps / 3} lengths costs ${cost} steps`,
  )
  for (const world of elicitable) {
    const { range, spent, controls, ended } = find(world, questionOf(world, { within }))
    const share = spent / cost
    worst = Math.max(worst, share)
    console.log(
      `  ${world.name.padEnd(12)} true ${String(trueTokens(world)).padStart(3)}, found more than ${range?.low}, at most ` +
        `${range?.high} (${ended.because}); ${spent} steps, ${(100 * share).toFixed(0)} %; its control ${controls} more`,
    )
  }
}
console.log(`at most ${(100 * worst).toFixed(0)} % of the grid's steps`)
process.exitCode = worst <= 0.5 ? 0 : 1
