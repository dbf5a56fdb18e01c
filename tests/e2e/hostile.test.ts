// Files that ended the whole app once: the window gets a fault in words, and the same engine answers on.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { referencePath } from '../reference-path'
import { ask, e2e } from './harness'

const hostile = resolve(import.meta.dirname, '../hostile')

e2e(
  'a damaged parquet file, a broken tokenizer, an endless template and a snapshot that holds itself',
  async app => {
    const { page, home } = app
    const { pid } = await ask(page, 'engineInfo', {})
    // the window may name what lies in the home
    const inputs = join(home, 'exports')
    cpSync(hostile, inputs, { recursive: true })
    const file = (name: string): string => join(inputs, name)
    const path = file('fatal-v8.parquet')
    await expect(ask(page, 'previewDataset', { path, field: '', count: 3 })).rejects.toThrow(
      /parquet is damaged/,
    )

    const model = join(home, 'models', 'broken')
    cpSync(referencePath('models/workbench-demo-chat'), model, { recursive: true })
    const request = (messages: { role: 'user'; content: string }[]) => ({
      request: 'r',
      promptedModel: { model, snapshot: '', startToken: false },
      prompt: 'Hello',
      messages,
      sampling: { maxTokens: 1 },
    })
    const template = JSON.parse(readFileSync(file('templates.json'), 'utf8')).range as string
    writeFileSync(join(model, 'chat_template.jinja'), template)
    await expect(
      ask(page, 'sample', request([{ role: 'user', content: 'Hello' }])),
    ).rejects.toThrow(/the chat template of .* is stopped/)
    cpSync(file('tokenizer.strip.json'), join(model, 'tokenizer.json'))
    await ask(page, 'unloadModels', {})
    await expect(ask(page, 'sample', request([]))).rejects.toThrow(
      /tokenizer\.json ends the program that opens it/,
    )

    await expect(ask(page, 'importSnapshot', { path: file('laugh.pt') })).rejects.toThrow(
      /it holds more than 1000000 values/,
    )
    expect(await ask(page, 'engineInfo', {})).toMatchObject({ pid, host: 'thread' })
    expect(await ask(page, 'engineStateNow', {})).toEqual({ kind: 'ready', fault: null })
    app.problems.length = 0
  },
)
