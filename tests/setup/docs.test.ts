// The pages that people read say what the program says: links lead somewhere, commands and options exist, every fault code is
// explained, and the short commands of the first pages run on the bundled models.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json'
import { spwProgram } from '../../src-worker/cli/program'
import { faultCodes } from '../../src-worker/contract/fault'
import { spw } from '../cli/spw'
import { temporaryFolder } from '../temporary'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'resources/README.md',
  ...readdirSync('docs').map(name => `docs/${name}`),
]
const named = (command: Command, name = ''): Command | undefined =>
  command.commands.find(each => each.name() === name || each.aliases().includes(name))
const textOf = (page: string): string => readFileSync(page, 'utf8')

/** Lines of code blocks, without their comments; a line that ends in \ goes on. */
function codeLines(page: string): string[] {
  const blocks = textOf(page)
    .split('```')
    .filter((_, i) => i % 2 === 1)
  return blocks.flatMap(block =>
    block
      .replace(/\\\n\s*/g, ' ')
      .split('\n')
      .slice(1)
      .map(line => line.replace(/\s+#.*$/, '').trim()),
  )
}

/** Commands in running text and tables: `spw …`. */
const inlineCommands = (page: string): string[] =>
  [...textOf(page).matchAll(/`((?:npx )?spw [^`\n]+)`/g)].map(([, command = '']) => command)
const commandsOf = (page: string): string[] =>
  [...codeLines(page), ...inlineCommands(page)]
    .map(line => line.replace(/^npx /, ''))
    .filter(line => line.startsWith('spw '))

test.each(pages)('%s: every link leads to a file', page => {
  const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, to = '']) => to)
  const local = links.filter(to => !/^[a-z]+:/.test(to))
  expect(local.filter(to => !existsSync(join(dirname(page), to)))).toEqual([])
})

test('README is short', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThan(120)
})

test('every fault code is explained, and no other', () => {
  const rows = [...textOf('docs/troubleshooting.md').matchAll(/^\| `([a-z-]+)` \| .+ \| .+ \|$/gm)]
  expect(rows.map(([, code]) => code)).toEqual([...faultCodes])
})

test.each(pages)('%s: its npm scripts exist', page => {
  const named = [...textOf(page).matchAll(/npm run ([a-z:-]+)/g)].map(([, name = '']) => name)
  expect(named.filter(name => !(name in packageJson.scripts))).toEqual([])
})

describe('commands', () => {
  const program = spwProgram()
  const names = program.commands.flatMap(command => [command.name(), ...command.aliases()])

  test('every command of the program stands in docs/cli.md', () => {
    const text = textOf('docs/cli.md')
    const missing = program.commands.map(command => command.name())
    expect(missing.filter(name => !new RegExp(`\\bspw ${name}\\b`).test(text))).toEqual([])
  })

  test.each(pages)('%s: its commands and their options exist', page => {
    const wrong: string[] = []
    for (const command of commandsOf(page)) {
      const words = command.split(/\s+/).slice(1)
      const name = words.find(word => /^[a-z]+$/.test(word))
      if (name === undefined || words[0] !== name) continue
      if (!names.includes(name)) wrong.push(command)
      const outer = named(program, name)
      const all = [program, outer, outer && named(outer, words[1])]
      const known = all
        .flatMap(each => each?.options.map(({ long }) => long) ?? [])
        .concat('--help')
      const options = words.filter(word => /^\[?--[a-z]/.test(word))
      for (const option of options.map(word => word.replace(/[[\]]/g, '').replace(/=.*/, '')))
        if (!known.includes(option)) wrong.push(`${command}: ${option}`)
    }
    expect(wrong).toEqual([])
  })
})

test('the short commands of the first pages run', async () => {
  const home = temporaryFolder()
  const lines = ['docs/first-answer.md', 'docs/gpu.md', 'docs/troubleshooting.md'].flatMap(
    commandsOf,
  )
  const short = new Set(lines.filter(line => /^spw (runs|devices)$/.test(line)))
  expect(short.size).toBe(2)
  for (const line of short) {
    const { code, err } = await spw(home, ...line.split(' ').slice(1))
    expect(`${line} ${code} ${err}`).toBe(`${line} 0 `)
  }
}, 120_000)
