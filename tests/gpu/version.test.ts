import { expect, test } from 'vitest'
import { compareVersions, meets, parseVersion } from '../../src-worker/gpu/version'
import { fits, normalName, parseWheelName } from '../../src-worker/gpu/wheel-name'

const version = (text: string) => parseVersion(text)!

test('versions in their order', () => {
  const ordered = ['0.9', '1.0.dev1', '1.0', '1.0.1', '1.9', '1.10', '2.0rc1', '2.0.0', '1!0.1']
  const shuffled = ['2.0.0', '1.10', '0.9', '1!0.1', '1.0.1', '1.0', '1.9', '1.0.dev1', '2.0rc1']
  const sorted = shuffled.sort((a, b) => compareVersions(version(a), version(b)))
  expect(sorted).toEqual(ordered)
  expect(compareVersions(version('13.0'), version('13.0.0'))).toBe(0)
  expect(parseVersion('latest')).toBeUndefined()
})

test.each([
  ['13.5.37', '~=13.0', true],
  ['14.0', '~=13.0', false],
  ['12.9', '~=13.0', false],
  ['13.0.1', '~=13.0.0', true],
  ['13.1', '~=13.0.0', false],
  ['1.30.0', '==1.30.0', true],
  ['1.30', '==1.30.0', true],
  ['1.30.1', '==1.30.0', false],
  ['1.30.1', '==1.30.*', true],
  ['1.31', '!=1.30.*', true],
  ['13.2', '>=13, <14', true],
  ['14.0', '>=13, <14', false],
  ['13.2', '>13,<=13.2', true],
  ['1.0', '', true],
  ['1.0', 'newest', false],
])('%s meets %s: %s', (text, requirement, met) => {
  expect(meets(version(text), requirement)).toBe(met)
})

test.each([
  ['a-1.0-py3-none-manylinux_2_28_x86_64.whl', '2.36', true],
  ['a-1.0-py3-none-manylinux_2_28_x86_64.whl', '2.27', false],
  ['a-1.0-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl', '2.17', true],
  ['a-1.0-1-py3-none-manylinux1_x86_64.whl', '2.5', true],
  ['a-1.0-py3-none-manylinux_2_28_x86_64.whl', '', true],
  ['a-1.0-py3-none-manylinux_2_28_aarch64.whl', '2.36', false],
  ['a-1.0-py3-none-win_amd64.whl', '2.36', false],
  ['a-1.0-py3-none-any.whl', '2.36', false],
])('%s fits glibc %s: %s', (file, glibc, right) => {
  expect(fits(parseWheelName(file)!, { platform: 'linux', arch: 'x64', glibc })).toBe(right)
})

test('names of wheels', () => {
  expect(parseWheelName('nvidia_cuda_runtime-13.5.37-py3-none-any.whl')).toMatchObject({
    name: 'nvidia-cuda-runtime',
    version: { text: '13.5.37' },
  })
  expect(normalName('Nvidia__CUDA.runtime')).toBe('nvidia-cuda-runtime')
  for (const file of ['a-1.0.tar.gz', 'a-x-py3-none-any.whl', 'a-1.0.whl'])
    expect(parseWheelName(file)).toBeUndefined()
})
