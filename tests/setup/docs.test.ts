// The pages that people read say what the program says: links lead somewhere, commands and options exist, every fault code is
// explained, and the short commands of the first pages run on the bundled models.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json'
import { faultCodes } from '../../src-worker/contract/fault'
import { spw } from '../cli/spw'
import { temporaryFolder } from '../temporary'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'resources/README.md',
  ...readdirSync('docs').map(name => `docs/${name}`),
]
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

describe('commands', async () => {
  const home = temporaryFolder()
  const helpOf = new Map<string, Promise<string>>()
  const help = (...names: string[]): Promise<string> => {
    const key = names.join(' ')
    const found = helpOf.get(key) ?? spw(home, ...names, '--help').then(({ out }) => out)
    helpOf.set(key, found)
    return found
  }
  /** Names in a help text, `analyze|analyse` as two. */
  const namesIn = (text: string): string[] =>
    [...(text.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z|]+)/gm)].flatMap(([, name = '']) =>
      name.split('|'),
    )

  test('every command of the program stands in docs/cli.md', async () => {
    const text = textOf('docs/cli.md')
    const missing = namesIn(await help()).filter(name => name !== 'help' && name !== 'analyse')
    expect(missing.filter(name => !new RegExp(`\\bspw ${name}\\b`).test(text))).toEqual([])
  }, 120_000)

  test.each(pages)(
    '%s: its commands and their options exist',
    async page => {
      const wrong: string[] = []
      for (const command of commandsOf(page)) {
        const words = command.split(/\s+/).slice(1)
        const name = words.find(word => /^[a-z]+$/.test(word))
        const known = namesIn(await help())
        if (name !== undefined && words[0] === name && !known.includes(name)) wrong.push(command)
        if (name === undefined || words[0] !== name || !known.includes(name)) continue
        const inner = words[1] !== undefined && namesIn(await help(name)).includes(words[1])
        const text =
          (await help(name)) + (inner ? await help(name, words[1] as string) : '') + (await help())
        const options = words.filter(word => /^\[?--[a-z]/.test(word))
        for (const option of options.map(word => word.replace(/[[\]]/g, '').replace(/=.*/, '')))
          if (!text.includes(option)) wrong.push(`${command}: ${option}`)
      }
      expect(wrong).toEqual([])
    },
    120_000,
  )
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
