// A real sshd on the loopback address, with its own configuration, host key and user key in a temporary folder; and an `ssh` that
// knows it, as a user's own would.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, connect as dial } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const daemon = ['/usr/sbin/sshd', '/usr/bin/sshd', '/usr/local/sbin/sshd'].find(existsSync)

/** Why there can be no sshd here; empty: there can be. As root in continuous integration it is installed. */
export function missingSshd(): string {
  if (process.platform !== 'linux') return 'only tried on Linux'
  if (daemon === undefined) return 'no sshd (apt-get install openssh-server)'
  return spawnSync('ssh', ['-V']).status === 0 ? '' : 'no ssh (apt-get install openssh-client)'
}

const freePort = (): Promise<number> =>
  new Promise(done => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const answers = (port: number): Promise<boolean> =>
  new Promise(done => {
    const socket = dial(port, '127.0.0.1')
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
    socket.once('data', () => socket.destroy())
  })

export interface Sshd {
  /** the host's alias */
  readonly host: string
  readonly folder: string
  /** environment in which `ssh` knows the host */
  readonly env: Readonly<Record<string, string>>
  /** kills every connection that ssh has open, as a network does that is gone */
  cut(): void
  close(): Promise<void>
}

/** @param there variables that every login has */
export async function startSshd(there: Readonly<Record<string, string>>): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'spw-sshd-'))
  const at = (name: string): string => join(folder, name)
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)])
  writeFileSync(at('authorized'), readFileSync(at('user.pub')))
  chmodSync(at('authorized'), 0o600)
  const port = await freePort()
  const set = Object.entries(there).map(([name, value]) => `${name}=${value}`)
  writeFileSync(
    at('sshd_config'),
    `ListenAddress 127.0.0.1
Port ${port}
HostKey ${at('host')}
AuthorizedKeysFile ${at('authorized')}
PidFile ${at('sshd.pid')}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
SetEnv ${set.join(' ')}
`,
  )
  const known = readFileSync(at('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(at('known'), `[127.0.0.1]:${port} ${known}\n`)
  const host = 'bench'
  mkdirSync(at('.ssh'))
  writeFileSync(
    at('.ssh/config'),
    `Host ${host}
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile ${at('user')}
  IdentitiesOnly yes
  UserKnownHostsFile ${at('known')}
  StrictHostKeyChecking yes
`,
  )
  // ssh reads the configuration of the user, not of HOME
  mkdirSync(at('bin'))
  mkdirSync(at('pids'))
  const ssh = spawnSync('which', ['ssh'], { encoding: 'utf8' }).stdout.trim()
  writeFileSync(
    at('bin/ssh'),
    `#!/bin/sh\necho > "${at('pids')}/$$"\nexec ${ssh} -F "${at('.ssh/config')}" "$@"\n`,
    { mode: 0o755 },
  )
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const log: string[] = []
  const child: ChildProcess = spawn(daemon ?? '', ['-D', '-e', '-f', at('sshd_config')])
  child.stderr?.on('data', chunk => log.push(String(chunk)))
  const ended = new Promise<void>(done => child.once('close', () => done()))
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${log.join('')}`)
    await sleep(20)
  }
  const pids = (): number[] => readdirSync(at('pids')).map(Number)
  return {
    host,
    folder,
    env: { PATH: `${at('bin')}${delimiter}${process.env.PATH}`, HOME: folder },
    cut: () => {
      for (const pid of pids())
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // it has ended by itself
        }
    },
    close: async () => {
      child.kill()
      await ended
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Process ids of the engines of a home that go on by themselves. */
export function enginesOf(cli: string, home: string): readonly number[] {
  const file = (pid: string, name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'utf8')
    } catch {
      return '' // it has ended meanwhile
    }
  }
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => file(pid, 'cmdline').includes(`${cli}\0engine\0--foreground`))
    .filter(pid => file(pid, 'environ').split('\0').includes(`SPW_HOME=${home}`))
    .map(Number)
}
