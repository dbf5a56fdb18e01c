// The shape of the source tree as law: who may import whom, no circles, small files, names. DESIGN.md §2 has the table.
import { expect, test } from 'vitest'
import { common, everything, layers } from './setup/rooms'
import { codes, files, imports, isSource, sources, textOf } from './setup/source-tree'

/** Room of a file: src-worker/graph/ops/x.ts → graph; src-worker/cli.ts → cli; src-main/… → main. */
function room(file: string): string {
  const [side, first = ''] = file.split('/')
  if (side === 'src-worker') return first.replace(/\.ts$/, '')
  return side === 'src-main' ? 'main' : side === 'src-renderer' ? 'renderer' : (side ?? '')
}

function allowed(from: string, to: string): boolean {
  const [own, other] = [room(from), room(to)]
  if (own === other || other === 'contract' || other === 'shared' || common.includes(to))
    return true
  const may = layers[own] ?? []
  if (may === everything) return to.startsWith('src-worker/')
  const file = to.replace(/^src-worker\//, '').replace(/\.ts$/, '')
  return may.includes(other) || may.includes(file)
}

test('the architecture page prints the rooms of the table, in its order', () => {
  const tree = textOf('docs/architecture.md').split('## The tree')[1]?.split('```')[1] ?? ''
  const printed = [...tree.matchAll(/^ {2}([a-z]+)\/ /gm)].map(([, name]) => name)
  const outside = ['worker', 'main', 'renderer']
  expect(printed).toEqual(Object.keys(layers).filter(name => !outside.includes(name)))
})

test('every room is in the table', () => {
  expect(sources.filter(file => layers[room(file)] === undefined)).toEqual([])
})

test('rooms import only what the table allows', () => {
  const wrong = imports.filter(({ from, to }) => isSource(from) && to && isSource(to))
  const reported = wrong
    .filter(({ from, to }) => !allowed(from, to ?? ''))
    .map(({ from, to }) => `${from} → ${to}`)
  expect(reported).toEqual([])
})

test('commands reach the engine through the contract, as the window does', () => {
  // beside it: what turns words into a spec and an answer into words, and the places of a home
  const plain = /^src-worker\/(cli|contract|machines|shared|spec|behaviours)\//
  const files =
    /^src-worker\/(workbench|analysis\/text|train\/home|weights\/(atomic|plain-file))\.ts$/
  const own = imports.filter(
    ({ from, to }) => /^src-worker\/cli\//.test(from) && isSource(to ?? ''),
  )
  const other = own.filter(({ to = '' }) => !plain.test(to) && !files.test(to))
  expect(other.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
})

test('main starts the engine as a file and imports nothing else of it but ports', () => {
  const engine = imports.filter(
    i => i.from.startsWith('src-main/') && room(i.to ?? '') === 'worker',
  )
  expect(engine.map(i => i.specifier)).toEqual(['../src-worker/worker?modulePath'])
})

test('relative imports of the sources name a file that is there', () => {
  const lost = imports.filter(i => isSource(i.from) && i.specifier.startsWith('.') && !i.to)
  expect(lost.map(i => `${i.from} → ${i.specifier}`)).toEqual([])
})

/** package → the only place that may import it */
const edges: Readonly<Record<string, string>> = {
  electron: 'src-main/',
  'onnxruntime-node': 'src-worker/session/',
  vue: 'src-renderer/',
  pinia: 'src-renderer/',
  echarts: 'src-renderer/',
}
const packageOf = (specifier: string): string =>
  specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]!

test.each(Object.entries(edges))('%s is imported in %s only', (name, place) => {
  const outside = imports.filter(
    i => isSource(i.from) && packageOf(i.specifier) === name && !i.from.startsWith(place),
  )
  expect(outside.map(i => i.from)).toEqual([])
})

test('shared, which both sides use, needs neither Node nor the page nor another room', () => {
  const own = imports.filter(i => i.from.startsWith('src-worker/shared/'))
  const foreign = own.filter(i =>
    i.to ? room(i.to) !== 'shared' : i.specifier.startsWith('node:'),
  )
  expect(foreign.map(i => `${i.from} → ${i.specifier}`)).toEqual([])
  const page = /\b(document|window|localStorage|navigator|process|Buffer)\./
  const bound = sources.filter(
    file => file.startsWith('src-worker/shared/') && page.test(textOf(file)),
  )
  expect(bound).toEqual([])
})

test('contract imports nothing but zod and shared', () => {
  const own = imports.filter(i => i.from.startsWith('src-worker/contract/'))
  const known = ['contract', 'shared']
  const foreign = own.filter(i => i.specifier !== 'zod' && !known.includes(room(i.to ?? '')))
  expect(foreign.map(i => `${i.from} → ${i.specifier}`)).toEqual([])
})

test('the window uses no Node', () => {
  const node = imports.filter(
    i => i.from.startsWith('src-renderer/') && i.specifier.startsWith('node:'),
  )
  expect(node.map(i => i.from)).toEqual([])
})

/** First circle found by depth-first search, or undefined. Imports of types count: they tie files together too. */
function circle(): readonly string[] | undefined {
  const next = new Map<string, string[]>()
  for (const { from, to, specifier } of imports)
    if (to && !specifier.includes('?')) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  function visit(file: string, trail: readonly string[]): readonly string[] | undefined {
    const at = trail.indexOf(file)
    if (at >= 0) return [...trail.slice(at), file]
    if (done.has(file)) return undefined
    for (const other of next.get(file) ?? []) {
      const found = visit(other, [...trail, file])
      if (found) return found
    }
    done.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const found = visit(file, [])
    if (found) return found
  }
  return undefined
}

test('imports do not go round in circles', () => {
  expect(circle()).toBeUndefined()
})

const kindInQuotes =
  /(['"`])(chess|pathfinding|favor-future|skip-tokens|chat-detuning|repetition|custom|autoregressive)\1/
/** The behaviours, their rows of the schema, views that are about one of them, ECharts' word for a series. */
const placesOfKinds =
  /^src-worker\/(behaviours\/|contract\/experiment-spec\.ts)|^src-renderer\/((views|components|stores)\/(chess|paths)[/.-]|charts\/line-option\.ts)/
test('the kind of a behaviour is asked for in its own folder only', () => {
  const others = sources.filter(file => !placesOfKinds.test(file))
  expect(others.filter(file => kindInQuotes.test(textOf(file)))).toEqual([])
})

test('a file has at most 250 lines, or says in its first five why it is long', () => {
  const long = codes.filter(file => {
    const lines = textOf(file).split('\n')
    return lines.length > 251 && !lines.slice(0, 5).some(line => line.includes('long because'))
  })
  expect(long.map(file => `${file}: ${textOf(file).split('\n').length}`)).toEqual([])
})

test('a family of models has at most 150 lines, and no other file asks which family it is', () => {
  const models = sources.filter(file => file.startsWith('src-worker/model/'))
  const families = models.filter(file => /\bfamily<\w+>\(\{/.test(textOf(file)))
  expect(families.length).toBeGreaterThan(20)
  const long = families.filter(file => textOf(file).split('\n').length > 151)
  expect(long).toEqual([])
  const asks = /\.family\b\s*[!=]==?/
  expect(sources.filter(file => asks.test(textOf(file)))).toEqual([])
})

test('no default exports but where a tool demands one', () => {
  const tools = /(\.config\.m?ts|\.vue|\.d\.ts)$/
  const found = codes.filter(file => !tools.test(file) && /^export default/m.test(textOf(file)))
  expect(found).toEqual([])
})

test('no enums, no namespaces, no barrel files', () => {
  const found = sources.filter(file => {
    const text = textOf(file)
    return /^\s*(export )?(const )?enum /m.test(text) || /^export \* from/m.test(text)
  })
  expect(found).toEqual([])
})

test('names are kebab-case; components are PascalCase', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|vite|config|d|bench))*\.(ts|mts|mjs|css|html)$/
  const pascal = /^[A-Z][A-Za-z0-9]*\.vue$/
  const wrong = codes.filter(file => {
    const name = file.split('/').at(-1)!
    return !(kebab.test(name) || pascal.test(name))
  })
  expect(wrong).toEqual([])
})

test('only the allowed folders lie at the top', () => {
  const known = /^(\.|src-main\/|src-renderer\/|src-worker\/|resources\/|tests\/|bench\/|docs\/)/
  const topFiles = new Set([
    'package.json',
    'package-lock.json',
    'electron.vite.config.ts',
    'vitest.config.mts',
    'tsconfig.json',
    'tsconfig.renderer.json',
    'biome.json',
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'LICENSE',
  ])
  expect(files.filter(file => !known.test(file) && !topFiles.has(file))).toEqual([])
})

test('no file names a folder of some machine or the host of a registry', () => {
  // in pieces, so that this file does not find itself
  const places = [
    '/ho' + 'me/(?!me/)[a-z]',
    '/ro' + 'ot/',
    '/Us' + 'ers/[a-z]',
    '/wo' + 'rk/',
    'regis' + 'try\\.npmjs',
  ]
  const pattern = new RegExp(`(^|[\\s'"\`(=])(${places.slice(0, 4).join('|')})|${places[4]}`, 'm')
  const texts = files
    .filter(file => !file.startsWith('resources/'))
    .filter(file => /\.(ts|mts|mjs|vue|json|md|css|html|yml)$|^\.ci\/run$|^\.npmrc$/.test(file))
  const found = texts.filter(file => pattern.test(textOf(file)))
  expect(found).toEqual([])
})

test('the lockfile names no host', () => {
  expect(textOf('package-lock.json')).not.toContain('"resolved"')
})
