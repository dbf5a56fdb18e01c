// A tokenizer.json from anywhere may end the native library, and the process with it. So it is tried in a process that
// may die; what passed once is known by its content, and opened at once from then on.
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { Fault } from '../contract/fault'
import { writeAtomically } from '../weights/atomic'
import { inTime, startReader } from './isolated'
import { openTokenizer, type Tokenizer } from './tokenizer'

const files = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']

/** Of all that a tokenizer is opened from, and of the library that opens it. */
async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256').update('tokenizers 1\n')
  for (const name of files) {
    const content = await readFile(join(folder, name)).catch(() => Buffer.alloc(0))
    hash.update(`${name} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

const listOf = (home: string): string => join(home, 'cache', 'tried-tokenizers.txt')

async function readTried(home: string): Promise<string[]> {
  const text = await readFile(listOf(home), 'utf8').catch(() => '')
  return text.split('\n').filter(line => line !== '')
}

/** Two engines at once may lose one another's line: then a tokenizer is tried again. */
async function remember(hashes: readonly string[], home: string): Promise<void> {
  await mkdir(dirname(listOf(home)), { recursive: true })
  await writeAtomically(listOf(home), `${hashes.join('\n')}\n`)
}

/** By this thread: what passed, by its content; what did not, by folder and content, with its fault. */
const tried = new Set<string>()
const refused = new Map<string, unknown>()

async function tryOnce(folder: string): Promise<void> {
  const reader = startReader(
    (why, cause) =>
      new Fault(
        'bad-model',
        `${join(folder, 'tokenizer.json')} ends the program that opens it: ${why}`,
        'Download this file again, or take another copy of the model.',
        { cause },
      ),
  )
  try {
    await inTime(reader, reader.call.tryTokenizer(folder))
  } finally {
    reader.kill()
  }
}

/** Faults: bad-model; those of openTokenizer. */
async function makeSure(folder: string, hash: string, home: string): Promise<void> {
  if (tried.has(hash)) return
  const key = `${folder} ${hash}`
  if (refused.has(key)) throw refused.get(key)
  const known = await readTried(home)
  if (!known.includes(hash)) {
    await tryOnce(folder).catch(error => {
      refused.set(key, error)
      throw error
    })
    // a home that cannot be written has a fault of its own to come; until then it is tried again
    await remember([...known, hash], home).catch(() => undefined)
  }
  tried.add(hash)
}

const oneAtATime = pLimit(1)

/**
 * By their content, those used last. The native library's memory (7 MB for 50,000 tokens) is given back only when V8
 * collects garbage, of which a queue of short runs makes little: opened anew for each, they piled up.
 */
const opened = new LRUCache<string, Promise<Tokenizer>>({ max: 3 })

async function openOnce(folder: string, hash: string): Promise<Tokenizer> {
  const known = opened.get(hash)
  if (known !== undefined) return known
  const tokenizer = openTokenizer(folder)
  opened.set(hash, tokenizer)
  tokenizer.catch(() => opened.delete(hash))
  return tokenizer
}

/**
 * As openTokenizer, of a folder that nobody has vouched for.
 * @param home SPW_HOME, which remembers what was tried
 * Faults: those of openTokenizer; bad-model when the native library died of it.
 */
export async function openTriedTokenizer(folder: string, home: string): Promise<Tokenizer> {
  const hash = await hashOf(folder)
  await oneAtATime(() => makeSure(folder, hash, home))
  return openOnce(folder, hash)
}
