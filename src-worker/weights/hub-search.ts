// Finding models on the hub by words of their names, with what the hub says about whether we can run them.
import { z } from 'zod'
import { Fault } from '../contract/fault'
import type { HubFound, HubModel } from '../contract/library'
import { isSupportedType } from '../model/family'
import { type HubOptions, hubEndpoint, hubGet } from './hub-http'

/** Results of one search: as many as a person looks through. */
const most = 20

const listed = ['downloads', 'gated', 'tags', 'config', 'safetensors'] as const

/** What `expand` brings; the hub leaves out what a repository does not have. */
const foundModel = z.object({
  id: z.string(),
  downloads: z.number().int().nonnegative().catch(0),
  gated: z.union([z.boolean(), z.string()]).optional(),
  tags: z.array(z.string()).catch([]),
  config: z
    .object({
      model_type: z.string().optional(),
      quantization_config: z.object({ quant_method: z.string().optional() }).optional(),
    })
    .nullish()
    .catch(undefined),
  safetensors: z
    .object({ parameters: z.record(z.string(), z.number()), total: z.number().int() })
    .nullish()
    .catch(undefined),
})
type FoundModel = z.infer<typeof foundModel>

/** bytes of one number, by the name of its type in a safetensors file */
const widths: Readonly<Record<string, number>> = {
  ...{ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2 },
  ...{ F8_E4M3: 1, F8_E5M2: 1, I8: 1, U8: 1, BOOL: 1 },
}

/** null: the hub does not say, or a type of unknown width is among them */
function weightBytes({ safetensors }: FoundModel): number | null {
  if (!safetensors) return null
  const parts = Object.entries(safetensors.parameters).map(([type, n]) => n * (widths[type] ?? NaN))
  const bytes = parts.reduce((sum, part) => sum + part, 0)
  return Number.isSafeInteger(bytes) ? bytes : null
}

function useOf({ tags, config, safetensors }: FoundModel): HubModel['use'] {
  const no = (why: string): HubModel['use'] => ({ kind: 'unsupported', why })
  const quantised = config?.quantization_config
  const type = config?.model_type
  if (quantised) return no(`weights are quantised (${quantised.quant_method ?? 'unknown'})`)
  if (type !== undefined && !isSupportedType(type)) return no(`architecture ${type}`)
  if (!safetensors && !tags.includes('safetensors')) return no('no safetensors weights')
  return type === undefined ? { kind: 'unknown' } : { kind: 'supported' }
}

const modelOf = (found: FoundModel): HubModel => ({
  id: found.id,
  downloads: found.downloads,
  gated: found.gated !== undefined && found.gated !== false,
  architecture: found.config?.model_type ?? '',
  parameters: found.safetensors?.total ?? null,
  bytes: weightBytes(found),
  use: useOf(found),
})

/**
 * Text-generating models whose id holds the words, the most downloaded first. Those that we cannot run are there too.
 * Faults: network (also an answer that is none of a hub). An abort is thrown as it is.
 */
export async function searchHub(text: string, options: HubOptions): Promise<HubFound> {
  const asked = new URLSearchParams({
    ...{ search: text, filter: 'text-generation', sort: 'downloads', direction: '-1' },
    limit: String(most),
  })
  for (const part of listed) asked.append('expand', part)
  const endpoint = hubEndpoint(options.endpoint)
  const response = await hubGet(`${endpoint}/api/models?${asked}`, `search for ${text}`, options)
  const answer: unknown = await response.json().catch(() => undefined)
  const parsed = z.array(foundModel).safeParse(answer)
  if (!parsed.success)
    throw new Fault(
      'network',
      `${new URL(endpoint).host} does not answer a search as a hub does`,
      'Check the address of the hub in Settings, or look a model up by its id.',
    )
  return { models: parsed.data.map(modelOf), more: parsed.data.length >= most }
}
