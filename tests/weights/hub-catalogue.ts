// What the stand-ins of the hub answer to a search, in the shape of /api/models with `expand`.
const model = (id: string, downloads: number, more: object = {}) => ({
  _id: id,
  id,
  downloads,
  gated: false,
  tags: ['transformers', 'safetensors', 'text-generation'],
  ...more,
})
const weights = (type: string, total: number) => ({
  safetensors: { parameters: { [type]: total }, total },
})

const catalogue = [
  model('org/tiny', 1200, {
    config: { architectures: ['GPTNeoXForCausalLM'], model_type: 'gpt_neox' },
    ...weights('F32', 3_400_000),
  }),
  model('org/tiny-llama', 90_000, {
    config: { model_type: 'llama' },
    gated: 'manual',
    ...weights('BF16', 1_100_000_000),
  }),
  model('org/tiny-llama-gptq', 40, {
    config: { model_type: 'llama', quantization_config: { quant_method: 'gptq' } },
  }),
  model('org/tiny-mamba', 7, { config: { model_type: 'mamba' }, ...weights('F4', 1000) }),
  model('org/tiny-pickle', 3, { config: { model_type: 'gpt_neox' }, tags: ['pytorch'] }),
  model('org/tiny-secret', 2),
  ...Array.from({ length: 30 }, (_, i) => model(`many/model-${i}`, 100 - i)),
]

/** The answer to a search, or undefined when the address is none. */
export function searchAnswer(address: string): string | undefined {
  const { pathname, searchParams } = new URL(address, 'http://hub')
  if (pathname !== '/api/models') return undefined
  const words = searchParams.get('search')?.toLowerCase() ?? ''
  const asked = new Set(['_id', 'id', ...searchParams.getAll('expand')])
  const found = catalogue
    .filter(({ id, tags }) => id.includes(words) && tags.length > 0)
    .sort((a, b) => b.downloads - a.downloads)
    .slice(0, Number(searchParams.get('limit') ?? 1000))
  return JSON.stringify(
    found.map(m => Object.fromEntries(Object.entries(m).filter(([key]) => asked.has(key)))),
  )
}
