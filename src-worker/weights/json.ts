// JSON files that other programs wrote: read as plain data, refused with the file's name.
import { readFile } from 'node:fs/promises'
import { asFault, Fault } from '../contract/fault'
import { isPlain, type Plain } from '../shared/plain-object'

/** Parses the text of a file that must hold one JSON object. */
export function parseObject(text: string, path: string): Plain {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const message = `${path} is not JSON (${text.length} characters)`
    throw new Fault('bad-file', message, 'Download this file again.', { cause })
  }
  if (!isPlain(value))
    throw new Fault('bad-file', `${path} holds no JSON object`, 'Download this file again.')
  return value
}

/** The object in a file; undefined when there is no such file. */
export async function readObject(path: string): Promise<Plain | undefined> {
  const text = await readText(path)
  return text === undefined ? undefined : parseObject(text, path)
}

/** The text of a file; undefined when there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw asFault(error, path)
  }
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g

/** The first key that stands twice in one object of a valid JSON text; a parser silently keeps the last. */
export function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = []
  let last = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token !== ':') last = token
    else {
      const key = JSON.parse(last) as string
      if (open.at(-1)?.has(key)) return key
      open.at(-1)?.add(key)
    }
  }
  return undefined
}
