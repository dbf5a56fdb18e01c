// What goes to ssh: no name and no path is an option, or anything that a shell reads.
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { engineCommand, machineOf, refusal, sshArguments } from '../../src-worker/machines/ssh'

describe('hosts', () => {
  test.each(['gpu1', 'me@login.cluster.example', '10.0.0.7', 'me@fe80::1%eth0', 'a_b-c'])(
    '%s is one',
    host => {
      const all = sshArguments(host, 'true')
      expect(all.slice(-3)).toEqual(['--', host, 'true'])
      expect(all).toContain('BatchMode=yes')
    },
  )
  test.each(['', '-oProxyCommand=id', '--', 'a b', 'a;id', '$(id)', 'a`id`', 'a\nb', "a'b", 'a|b'])(
    '%j is refused',
    host => {
      expect(() => sshArguments(host, 'true')).toThrow(expect.objectContaining({ code: 'usage' }))
    },
  )
})

test.each(['-x', 'spw; id', '$HOME/spw', "a'b", 'a b'])('the path %j of spw is refused', path => {
  expect(() => machineOf('gpu1', path)).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('where there is no spw the login shell says so, whatever shell it is', () => {
  const command = engineCommand(machineOf('gpu1'), '9.9.9')
  const env = { PATH: '/usr/bin:/bin', HOME: '/nowhere' }
  const { status, stderr } = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' })
  expect(status).toBe(127)
  const fault = refusal(machineOf('gpu1'), status, stderr)
  expect(fault).toMatchObject({ code: 'not-found', message: 'gpu1 has no spw: there is no spw' })
})
