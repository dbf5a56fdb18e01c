// A cluster of two nodes on this machine: munge, slurmctld and two slurmd of the distribution, in a folder of their own.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Cluster {
  /** what Slurm's commands need in their environment */
  readonly env: Readonly<Record<string, string>>
  /** runs one of Slurm's commands. @returns its standard output */
  ask(command: string, ...args: string[]): string
  close(): Promise<void>
}

/** Why there can be no cluster here; empty: there can be. */
export function missingSlurm(): string {
  if (process.platform !== 'linux') return 'Slurm needs Linux'
  if (process.getuid?.() !== 0) return 'slurmd starts tasks of users, so it needs root'
  const needed = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue']
  const lost = needed.filter(name => spawnSync('which', [name]).status !== 0)
  return lost.length === 0
    ? ''
    : `${lost.join(', ')} not installed (apt-get install slurm-wlm munge)`
}

/** Ports of this machine's own range for such things; another cluster may run beside this one. */
const firstPort = 20_000 + 10 * (process.pid % 1000)

const configuration = (folder: string): string => {
  const host = hostname().split('.')[0] ?? ''
  const node = (n: number) =>
    `NodeName=n${n} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${firstPort + n} CPUs=2 RealMemory=1000`
  return `ClusterName=spw
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${firstPort}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# a task that was queued again waits until its old credential has expired: two minutes by default
AuthInfo=socket=${folder}/munge/socket,cred_expire=10
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=30
AccountingStorageType=accounting_storage/none
${node(1)}
${node(2)}
PartitionName=main Nodes=ALL Default=YES MaxTime=60 State=UP
`
}

/** Asked twice a second, for 75 seconds at most: a machine may have much else to do. */
async function comesTrue(ask: () => boolean): Promise<boolean> {
  for (let i = 0; i < 150; i++) {
    if (ask()) return true
    await sleep(500)
  }
  return false
}

/** Starts it, and waits until both nodes take work. */
export async function openCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'spw-slurm-'))
  // slurmd and munged look at who may enter
  chmodSync(folder, 0o755)
  for (const part of ['munge', 'state']) mkdirSync(join(folder, part), { mode: 0o755 })
  writeFileSync(join(folder, 'munge/key'), randomBytes(128), { mode: 0o400 })
  writeFileSync(join(folder, 'slurm.conf'), configuration(folder))
  const env = { SLURM_CONF: join(folder, 'slurm.conf') }
  const children: ChildProcess[] = []
  const daemon = (command: string, ...args: string[]): void => {
    children.push(spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' }))
  }
  const ask = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
  const at = (name: string) => join(folder, 'munge', name)
  daemon(
    'munged',
    ...['--foreground', '--force', '--num-threads=1', `--socket=${at('socket')}`],
    ...[`--key-file=${at('key')}`, `--pid-file=${at('pid')}`],
    ...[`--log-file=${at('log')}`, `--seed-file=${at('seed')}`],
  )
  // slurmctld ends where munged does not answer yet
  await comesTrue(() => spawnSync('munge', ['-n', `--socket=${at('socket')}`]).status === 0)
  daemon('slurmctld', '-D', '-i')
  for (const name of ['n1', 'n2']) daemon('slurmd', '-D', '-N', name)
  const close = async (): Promise<void> => {
    try {
      ask('scancel', '--user=root')
    } catch {
      // it never came up
    }
    await sleep(1000)
    for (const child of children.reverse()) child.kill('SIGTERM')
    await Promise.all(
      children.map(child => child.exitCode ?? new Promise(done => child.once('exit', done))),
    )
    rmSync(folder, { recursive: true, force: true })
  }
  const isUp = await comesTrue(() => {
    const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const
    return spawnSync('sinfo', ['--noheader', '--format=%T %D'], options).stdout.trim() === 'idle 2'
  })
  if (isUp) return { env, ask, close }
  const log = readFileSync(join(folder, 'slurmctld.log'), { encoding: 'utf8', flag: 'a+' })
  await close()
  throw new Error(`Slurm did not come up: ${log.slice(-2000)}`)
}
