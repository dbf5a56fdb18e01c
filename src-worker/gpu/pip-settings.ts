// Where this user's Python packages come from: the settings of pip and uv, in their own order of precedence.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface IndexSettings {
  /** addresses of simple indexes, the first that has a package decides; may hold credentials */
  readonly indexes: readonly string[]
  /** file of certificates that pip trusts, or empty */
  readonly certificates: string
}

type Env = Readonly<Record<string, string | undefined>>
type Options = ReadonlyMap<string, string>

const usual = 'https://pypi.org/simple'

/** [section] name = value, continued by indented lines → `section.name` */
export function parseIni(text: string): Options {
  const options = new Map<string, string>()
  let section = 'global'
  let last = ''
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[(.+)\]\s*$/.exec(line)?.[1]
    const pair = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line)
    if (heading !== undefined) section = heading.toLowerCase()
    else if (/^\s*[#;]/.test(line)) continue
    else if (pair !== null) {
      last = `${section}.${pair[1]!.toLowerCase().replaceAll('_', '-')}`
      options.set(last, pair[2]!.trim())
    } else if (/^\s+\S/.test(line) && last !== '')
      options.set(last, `${options.get(last) ?? ''}\n${line.trim()}`)
  }
  return options
}

/** The lines of `pip config list`: global.index-url='https://…'. Lines of the environment are left out. */
export function parsePipList(text: string): Options {
  const options = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^([\w-]+\.[\w-]+)=(['"])(.*)\2$/.exec(line.trim())
    if (match === null) continue
    options.set(match[1]!.toLowerCase(), match[3]!.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1'))
  }
  return options
}

const run = promisify(execFile)

/** What pip itself says, for it also knows the file of its own environment; undefined where there is none. */
async function askPip(env: Env): Promise<Options | undefined> {
  const ways: readonly (readonly string[])[] = [['pip'], ['pip3'], ['python3', '-m', 'pip']]
  for (const [command = '', ...first] of ways) {
    try {
      const options = { timeout: 15_000, env: env as NodeJS.ProcessEnv }
      const { stdout } = await run(command, [...first, 'config', 'list'], options)
      return parsePipList(stdout)
    } catch {
      // not there or broken: the next way
    }
  }
  return undefined
}

/** pip.conf of the machine, the user and the virtual environment; later ones win. */
function usualFiles(env: Env): readonly string[] {
  const home = env.HOME ?? homedir()
  const configured = env.XDG_CONFIG_HOME || join(home, '.config')
  const files = [
    ...(env.XDG_CONFIG_DIRS || '/etc/xdg').split(':').map(d => join(d, 'pip', 'pip.conf')),
    '/etc/pip.conf',
    join(home, '.pip', 'pip.conf'),
    join(configured, 'pip', 'pip.conf'),
    ...(env.VIRTUAL_ENV ? [join(env.VIRTUAL_ENV, 'pip.conf')] : []),
  ]
  return env.PIP_CONFIG_FILE ? [...files, env.PIP_CONFIG_FILE] : files
}

async function readPipFiles(env: Env): Promise<Options> {
  const none = env.PIP_CONFIG_FILE === '/dev/null' // pip's way to say: no files at all
  const texts = usualFiles(env).map(file => (none ? '' : readFile(file, 'utf8').catch(() => '')))
  const all = (await Promise.all(texts)).map(parseIni)
  return new Map(all.flatMap(options => [...options]))
}

/** pip lets [install] win over [global]. */
const optionOf = (options: Options, name: string): string =>
  options.get(`install.${name}`) ?? options.get(`global.${name}`) ?? ''

/** Several addresses in one value; uv writes name=address. */
const addresses = (value = ''): readonly string[] =>
  value
    .split(/\s+/)
    .map(part => part.replace(/^[\w-]+=(?=https?:)/, ''))
    .filter(part => /^https?:\/\//.test(part))

export interface SettingsOptions {
  readonly env?: Env
  /** an index that was named: it alone is asked */
  readonly index?: string | undefined
  /** ask pip itself; else its usual files are read */
  readonly pip?: boolean
}

export async function indexSettings(options: SettingsOptions = {}): Promise<IndexSettings> {
  const { env = process.env, index, pip = true } = options
  const files = (pip ? await askPip(env) : undefined) ?? (await readPipFiles(env))
  const certificates = env.PIP_CERT || env.SSL_CERT_FILE || optionOf(files, 'cert')
  if (index !== undefined) return { indexes: [index], certificates }
  const first =
    env.PIP_INDEX_URL ||
    env.UV_DEFAULT_INDEX ||
    env.UV_INDEX_URL ||
    optionOf(files, 'index-url') ||
    usual
  const more = [env.UV_INDEX, env.UV_EXTRA_INDEX_URL, env.PIP_EXTRA_INDEX_URL]
  const extra = more.some(Boolean) ? more : [optionOf(files, 'extra-index-url')]
  const all = [...addresses(first), ...extra.flatMap(addresses)]
  return { indexes: [...new Set(all.map(url => url.replace(/\/+$/, '')))], certificates }
}
