// Numbers that make no sense: every playground command says which flag, what was given, and what would be right,
// before a model is opened.
import { Command } from 'commander'
import { afterEach, expect, test, vi } from 'vitest'
import { addPlaygroundCommands } from '../../src-worker/cli/playground'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

/** What a command says on the standard error. */
async function said(line: string): Promise<string> {
  let text = ''
  vi.spyOn(process.stderr, 'write').mockImplementation(chunk => {
    text += chunk
    return true
  })
  const program = new Command().enablePositionalOptions()
  addPlaygroundCommands(program)
  await program.parseAsync(['node', 'spw', ...line.split(' ')])
  expect(process.exitCode).toBe(2)
  return text
}

const most = Number.MAX_SAFE_INTEGER
test.each([
  ['path', '--extra -1', 'is less than 0', '0 or more'],
  ['path', '--extra 1.5', 'is not a whole number', 'a whole number'],
  ['path', '--hits -1', 'is less than 0', '0 or more'],
  ['path', '--hits 99999', 'is more than 1024', '1024 or less'],
  ['path', '--steps 0', 'is less than 1', '1 or more'],
  ['path', '--steps 9999', 'is more than 1024', '1024 or less'],
  ['path', '--temperature -1', 'is less than 0', '0 or more'],
  ['path', '--temperature hot', 'is not a number', 'a number'],
  ['path', '--seed -1', 'is less than 0', '0 or more'],
  ['path', '--seed 1e+300', `is more than ${most}`, `${most} or less`],
  ['chess', '--white-elo -5', 'is less than 0', '0 or more'],
  ['chess', '--black-elo 9000', 'is more than 4000', '4000 or less'],
  ['chess', '--top 0', 'is less than 1', '1 or more'],
  ['chess', '--top -3', 'is less than 1', '1 or more'],
  ['chess', '--top-p 1.1', 'is more than 1', '1 or less'],
  ['chess', '--temperature 101', 'is more than 100', '100 or less'],
  ['chess', '--choose best', 'is not known', 'none, argmax, temperature, top-p or raw'],
  ['chess play', '--colour red', 'is not known', 'white or black'],
  ['chess play', '--seed 0.5', 'is not a whole number', 'a whole number'],
  ['sample', '--n 0', 'is less than 1', '1 or more'],
  ['sample', '--n 65', 'is more than 64', '64 or less'],
  ['sample', '--at -1', 'is less than 0', '0 or more'],
  ['sample', '--at 1', 'is more than 0', '0 or less'],
  ['sample', '--max-tokens 0', 'is less than 1', '1 or more'],
  ['sample', '--max-tokens 1e+99', `is more than ${most}`, `${most} or less`],
  ['sample', '--temperature -0.1', 'is less than 0', '0 or more'],
  ['sample', '--top-p 2', 'is more than 1', '1 or less'],
  ['sample', '--top-k -1', 'is less than 0', '0 or more'],
  ['sample', '--min-p -1', 'is less than 0', '0 or more'],
  ['sample', '--repetition-penalty 0', 'is less than 0.01', '0.01 or more'],
])('%s %s', async (command, flag, wrong, right) => {
  const [name] = flag.split(' ')
  expect(await said(`${command} --model nobody ${flag}`)).toBe(
    `\nusage: ${flag} ${wrong}\nGive ${name} ${right}.\n`,
  )
})

test.each([
  ['path --size 1x99', '--size 1x99 is not WIDTHxHEIGHT with sides of 2 to 32'],
  ['sample --conditions 1,', '--conditions 1, are not numbers'],
  ['sample --conditions 1,1e30', '--conditions 1e+30 is more than 1000000000'],
  ['sample --conditions 1,2', '--conditions are given, but no soft prompt that they could steer'],
  ['chess', 'neither --snapshot nor --model is given'],
])('%s', async (line, what) => {
  const model = line === 'chess' ? '' : ' --model nobody'
  expect(await said(line + model)).toContain(`usage: ${what}\n`)
})
