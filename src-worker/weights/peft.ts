// Prompt-tuning adapters of Hugging Face PEFT: a folder of adapter_config.json and adapter_model.safetensors (or .bin).
// They hold the rows of a direct prompt, [P, H], always put at the start by PEFT.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../contract/fault'
import type { Parameter, Snapshot } from '../contract/snapshot'
import type { Plain } from '../shared/plain-object'
import { writeAtomically } from './atomic'
import { readObject } from './json'
import { readSafetensorsHeader, readTensor } from './safetensors'
import { writeSafetensors } from './safetensors-writer'
import { readTorchFile } from './torch-pickle'

const rowsName = 'prompt_embeddings'

const refused = (folder: string, what: string): Fault =>
  new Fault(
    'bad-snapshot',
    `${folder} is refused: ${what}`,
    'Choose a prompt-tuning adapter for a causal language model.',
  )

async function readRows(folder: string): Promise<Parameter> {
  const file = join(folder, 'adapter_model.safetensors')
  if (await stat(file).catch(() => undefined)) {
    const entry = (await readSafetensorsHeader(file)).tensors.get(rowsName)
    if (entry === undefined) throw refused(folder, `${file} has no tensor ${rowsName}`)
    return { shape: entry.shape, data: await readTensor(entry) }
  }
  const old = join(folder, 'adapter_model.bin')
  const bytes = await readFile(old).catch(() => undefined)
  if (bytes === undefined) throw refused(folder, 'it has no adapter_model.safetensors')
  const value = await readTorchFile(bytes, old)
  const rows = value instanceof Map ? value.get(rowsName) : undefined
  if (rows && typeof rows === 'object' && 'data' in rows) return rows
  throw refused(folder, `${old} has no tensor ${rowsName}`)
}

function checkConfig(folder: string, config: Plain, [tokens, width]: readonly number[]): void {
  const type = config.peft_type
  if (type !== 'PROMPT_TUNING' && type !== 'P_TUNING')
    throw refused(folder, `it is an adapter of type ${JSON.stringify(type)}, not PROMPT_TUNING`)
  const [ownTokens, ownWidth] = [config.num_virtual_tokens, config.token_dim]
  if (ownTokens !== tokens || (ownWidth != null && ownWidth !== width))
    throw refused(
      folder,
      `${rowsName} is [${tokens}, ${width}], adapter_config.json says [${ownTokens}, ${ownWidth}]`,
    )
}

/** Fault `bad-snapshot`: another kind of adapter, or files that do not belong together. */
export async function openPeft(folder: string): Promise<Snapshot> {
  const config = await readObject(join(folder, 'adapter_config.json'))
  if (config === undefined) throw refused(folder, 'it has no adapter_config.json')
  const rows = await readRows(folder)
  const [tokens, width] = rows.shape
  if (rows.shape.length !== 2 || tokens === undefined || width === undefined || width < 1)
    throw refused(folder, `${rowsName} is [${rows.shape}], not [tokens, width]`)
  checkConfig(folder, config, rows.shape)
  const model = config.base_model_name_or_path
  return {
    metadata: {
      source: 'peft',
      model: typeof model === 'string' ? model : 'unknown',
      shape: { type: 'direct', tokens, width },
      conditionNames: [],
      training: config,
    },
    parameters: new Map([['embedding', rows]]),
  }
}

/**
 * Writes an adapter that PEFT's `PeftModel.from_pretrained` loads.
 * @param rows [P, H]: the parameters of a direct prompt, or a generated prompt baked at given conditions
 */
export async function exportPeft(
  folder: string,
  snapshot: Snapshot,
  rows: Float32Array,
): Promise<void> {
  const { shape, model } = snapshot.metadata
  const [tokens, width] = [shape.tokens, shape.width]
  if (tokens === 0)
    throw new Fault(
      'usage',
      'a soft prompt of 0 tokens has no PEFT form',
      'Choose a snapshot with tokens.',
    )
  if (rows.length !== tokens * width)
    throw new Fault(
      'shape',
      `${rows.length} numbers for [${tokens}, ${width}]`,
      'Bake the rows from this snapshot.',
    )
  const config = {
    auto_mapping: null,
    base_model_name_or_path: model,
    inference_mode: true,
    num_attention_heads: null,
    num_layers: null,
    num_transformer_submodules: 1,
    num_virtual_tokens: tokens,
    peft_type: 'PROMPT_TUNING',
    prompt_tuning_init: 'RANDOM',
    prompt_tuning_init_text: null,
    revision: null,
    task_type: 'CAUSAL_LM',
    token_dim: width,
    tokenizer_name_or_path: null,
  }
  const tensors = new Map([[rowsName, { shape: [tokens, width], data: rows }]])
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, { format: 'pt' })
  await writeAtomically(join(folder, 'adapter_config.json'), JSON.stringify(config, null, 2) + '\n')
}
