import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { indexSettings, parseIni, parsePipList } from '../../src-worker/gpu/pip-settings'
import { temporaryFolder } from '../temporary'

/** A user whose settings are those of the files given, by their paths below the home folder. */
function user(files: Readonly<Record<string, string>>): Record<string, string> {
  const home = temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  return { HOME: home, XDG_CONFIG_DIRS: join(home, 'etc') }
}

const global = (url: string): string => `[global]\nindex-url = ${url}\n`

describe('pip.conf', () => {
  test('sections, comments, values over several lines', () => {
    const text =
      '# ours\n[global]\nindex_url = https://a/simple\n\n[install]\nextra-index-url =\n  https://b\n  https://c\n'
    expect(Object.fromEntries(parseIni(text))).toEqual({
      'global.index-url': 'https://a/simple',
      'install.extra-index-url': '\nhttps://b\nhttps://c',
    })
  })

  test('what pip config list says, without what comes from the environment', () => {
    const text =
      ":env:.index-url='https://e'\nglobal.index-url='https://a/simple'\nglobal.extra-index-url='https://b\\nhttps://c'\n"
    expect(Object.fromEntries(parsePipList(text))).toEqual({
      'global.index-url': 'https://a/simple',
      'global.extra-index-url': 'https://b\nhttps://c',
    })
  })
})

describe('which index', () => {
  const user1 = () => user({ '.config/pip/pip.conf': global('https://user/simple/') })
  const ask = (env: Record<string, string>, index?: string) =>
    indexSettings({ env, index, pip: false }).then(s => s.indexes)

  test('none named: that of Python itself', async () => {
    const env = { ...user({}), PIP_CONFIG_FILE: '/dev/null' }
    expect(await ask(env)).toEqual(['https://pypi.org/simple'])
  })

  test('the user above the machine, the virtual environment above the user', async () => {
    const machine = { 'etc/pip/pip.conf': global('https://machine/simple') }
    const own = { '.pip/pip.conf': global('https://user/simple') }
    const venv = { 'venv/pip.conf': global('https://venv/simple') }
    expect(await ask(user({ ...machine, ...own }))).toEqual(['https://user/simple'])
    const env = user({ ...machine, ...own, ...venv })
    expect(await ask({ ...env, VIRTUAL_ENV: join(env.HOME!, 'venv') })).toEqual([
      'https://venv/simple',
    ])
  })

  test('[install] above [global], a slash at the end does not matter', async () => {
    const text = `${global('https://a/simple')}[install]\nindex-url = https://b/simple/\n`
    expect(await ask(user({ '.pip/pip.conf': text }))).toEqual(['https://b/simple'])
  })

  test.each([
    [{ PIP_INDEX_URL: 'https://p/simple', UV_INDEX_URL: 'https://u/simple' }, 'https://p/simple'],
    [{ UV_DEFAULT_INDEX: 'https://d/simple', UV_INDEX_URL: 'https://u' }, 'https://d/simple'],
    [{ UV_INDEX_URL: 'https://me:pw@u/simple' }, 'https://me:pw@u/simple'],
  ])('%o above the files', async (env, first) => {
    expect(await ask({ ...user1(), ...env })).toEqual([first])
  })

  test('further ones come after it; uv names them', async () => {
    const env = { ...user1(), UV_INDEX: 'ours=https://x/simple', PIP_EXTRA_INDEX_URL: 'https://y' }
    expect(await ask(env)).toEqual(['https://user/simple', 'https://x/simple', 'https://y'])
  })

  test('one that is named stands alone', async () => {
    expect(await ask({ ...user1(), PIP_EXTRA_INDEX_URL: 'https://y' }, 'https://z')).toEqual([
      'https://z',
    ])
  })

  test("pip's certificates are known, for the fix of a fault", async () => {
    const env = user({ '.pip/pip.conf': '[global]\ncert = /etc/ours.pem\n' })
    expect((await indexSettings({ env, pip: false })).certificates).toBe('/etc/ours.pem')
  })
})
