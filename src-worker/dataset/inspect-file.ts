// Files of Inspect (inspect.aisi.org.uk): .eval, a zip of JSON files, and .json. Of an .eval only the header and the
// summaries of its samples are read; messages and events are not.
import { open, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { asFault, Fault } from '../contract/fault'
import { issuesText } from '../contract/issues'
import { isZip, openZip, type ZipEntry, ZipRefused } from '../weights/zip'

/** One JSON text; V8 cannot hold 512 MiB in one. Entries of an archive: two a sample, at most. */
const mostBytes = 256 << 20
const mostEntries = 1_000_000

const name = z.string().max(500)
const scoreSchema = z.object({
  name,
  scorer: name,
  reducer: name.nullish(),
  metrics: z.record(name, z.object({ value: z.unknown() })),
})
const headerSchema = z.object({
  status: name,
  eval: z.object({
    task: name,
    created: name,
    model: name,
    dataset: z.object({ name: name.nullish() }).nullish(),
    packages: z.record(z.string(), z.unknown()).nullish(),
  }),
  results: z.object({ scores: z.array(scoreSchema).max(1000) }).nullish(),
})
const sampleSchema = z.object({
  id: z.union([z.string(), z.number()]),
  scores: z.record(z.string(), z.object({ value: z.unknown() })).nullish(),
})
const samplesSchema = z.array(sampleSchema)
export interface InspectFile {
  readonly header: z.infer<typeof headerSchema>
  readonly samples: readonly Sample[]
}
export type Sample = z.infer<typeof sampleSchema>
export type Score = z.infer<typeof scoreSchema>

const fix = 'Choose a finished .eval or .json log of Inspect.'

export const badLog = (path: string, why: string, cause?: unknown): Fault =>
  new Fault('bad-file', `${path} is no log of Inspect that can be read: ${why}`, fix, { cause })

/** Python writes numbers that JSON has not. Only where a text is no JSON: within a string they change no value that is read. */
const withoutNotANumber = (text: string): string =>
  text.replace(/([:[,]\s*)(?:NaN|-?Infinity)(?=\s*[,\]}])/g, '$1null')

function parsed<S extends z.ZodType>(text: string, schema: S, where: string): z.output<S> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    try {
      value = JSON.parse(withoutNotANumber(text))
    } catch (cause) {
      throw badLog(where, 'it is not JSON', cause)
    }
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  throw badLog(where, issuesText(checked.error, value))
}

async function entryText(entry: ZipEntry, path: string): Promise<string> {
  if (entry.bytes > mostBytes) throw badLog(path, `${entry.name} has ${entry.bytes} bytes`)
  const chunks: Uint8Array[] = []
  for await (const chunk of entry.read()) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** The texts of the header and the summaries of all samples. */
async function archiveTexts(path: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const zip = await openZip(path)
  try {
    if (zip.entryCount > mostEntries) throw new ZipRefused(`it lists ${zip.entryCount} files`)
    for await (const entry of zip.entries())
      if (entry.name === 'header.json' || entry.name === 'summaries.json')
        texts.set(entry.name, await entryText(entry, path))
  } finally {
    zip.close()
  }
  return texts
}

async function readArchive(path: string): Promise<InspectFile> {
  const texts = await archiveTexts(path).catch(cause => {
    throw cause instanceof ZipRefused ? badLog(path, cause.message, cause) : cause
  })
  const header = texts.get('header.json')
  if (header === undefined)
    throw badLog(path, 'it has no header.json: the evaluation has not finished')
  const summaries = texts.get('summaries.json')
  if (summaries === undefined) throw badLog(path, 'it has no summaries.json')
  return {
    header: parsed(header, headerSchema, path),
    samples: parsed(summaries, samplesSchema, path),
  }
}

async function readJson(path: string, bytes: number): Promise<InspectFile> {
  if (bytes > mostBytes)
    throw new Fault(
      'bad-file',
      `${path} has ${bytes} bytes, at most ${mostBytes} are read at once`,
      'Convert it with `inspect log convert --to eval`.',
    )
  const whole = headerSchema.extend({ samples: samplesSchema.nullish() })
  const header = parsed(await readFile(path, 'utf8'), whole, path)
  return { header, samples: header.samples ?? [] }
}

/** Header and samples of a log. Faults: bad-file, disk, not-found. */
export async function readInspectFile(path: string): Promise<InspectFile> {
  try {
    const file = await open(path)
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
      const { size } = await file.stat()
      return isZip(buffer.subarray(0, bytesRead))
        ? await readArchive(path)
        : await readJson(path, size)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw asFault(error, path)
  }
}
