// The server's calls. Where no built file is there (tests) the process is made from the sources.
import { expect, test } from 'vitest'
import { temporaryFolder } from '../temporary'
import { resources } from '../train/runs'
import { openEngine } from './open-engine'

test('a model is served in a process of its own, and no longer when it is stopped', async () => {
  const { call } = await openEngine(await temporaryFolder())
  expect(await call('serving', {})).toBeNull()
  const promptedModel = { model: `${resources}/models/workbench-demo-chat` }
  const started = await call('startServing', { models: [{ name: 'a', promptedModel }], port: 0 })
  expect(started.models).toEqual(['a'])
  expect(await call('serving', {})).toEqual(started)
  const list = await (await fetch(`${started.url}/models`)).json()
  expect(list).toMatchObject({ data: [{ id: 'a' }] })
  await call('stopServing', {})
  await expect(fetch(`${started.url}/models`)).rejects.toThrow()
  expect(await call('serving', {})).toBeNull()
})

test('a model that is not there, and two of one name, are faults', async () => {
  const { call } = await openEngine(await temporaryFolder())
  const model = (name: string, path: string) => ({ name, promptedModel: { model: path } })
  const lost = call('startServing', { models: [model('a', 'no/such/model')], port: 0 })
  await expect(lost).rejects.toThrow()
  const twice = [model('a', 'x'), model('a', 'y')]
  await expect(call('startServing', { models: twice })).rejects.toThrow('two models have one name')
})
