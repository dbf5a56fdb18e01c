// Folders that are no model of ours, known by the files in them: each refused by its own name.
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Fault } from '../contract/fault'
import { readObject } from './json'

const convert =
  'Convert it with transformers: AutoModelForCausalLM.from_pretrained(…).save_pretrained(…).'

const ending = (names: readonly string[], pattern: RegExp): string | undefined =>
  names.find(name => pattern.test(name))

/** Why a folder without config.json is none of a model. */
export async function withoutConfig(path: string, names: readonly string[]): Promise<Fault> {
  const gguf = ending(names, /\.gguf$/i)
  if (gguf !== undefined)
    return new Fault(
      'bad-model',
      `${path} holds a GGUF model (${gguf}), which is made for llama.cpp`,
      'Take the folder with config.json and safetensors that it was made from.',
    )
  const adapter = names.includes('adapter_config.json')
    ? await readObject(join(path, 'adapter_config.json'))
    : undefined
  if (adapter !== undefined) {
    const kind = String(adapter.peft_type ?? 'PEFT')
    const base = String(adapter.base_model_name_or_path ?? 'its base model')
    return new Fault(
      'bad-model',
      `${path} holds a ${kind} adapter without its base model (${base})`,
      adapter.peft_type === 'PROMPT_TUNING'
        ? 'Open it as a snapshot, beside the model that it was trained for.'
        : `Merge it with PEFT (merge_and_unload) into ${base}, and choose the merged folder.`,
    )
  }
  return new Fault(
    'not-found',
    `no config.json in ${path}`,
    'Choose the folder of a Hugging Face model.',
  )
}

/** Why a path that is no model folder is something else by name (GGUF, an adapter); undefined: it is nothing we know. */
export async function otherKind(path: string): Promise<Fault | undefined> {
  const names = /\.gguf$/i.test(path) ? [basename(path)] : await readdir(path).catch(() => [])
  const known = names.some(name => /\.gguf$/i.test(name) || name === 'adapter_config.json')
  return known ? withoutConfig(path, names) : undefined
}

/** Why a folder has no safetensors that we read. */
export function withoutSafetensors(path: string, names: readonly string[]): Fault {
  const gguf = ending(names, /\.gguf$/i)
  if (gguf !== undefined)
    return new Fault(
      'bad-weights',
      `${path} has weights as GGUF only (${gguf}), which is made for llama.cpp`,
      'Take the folder with safetensors that it was made from.',
    )
  const pytorch = ending(
    names,
    /^pytorch_model.*\.bin(\.index\.json)?$|\.(pth?|ckpt)$|^consolidated/,
  )
  if (pytorch !== undefined)
    return new Fault(
      'bad-weights',
      `${path} has its weights in ${pytorch} (PyTorch's own format), but no model.safetensors`,
      convert,
    )
  const other = ending(names, /^(tf_model\.h5|flax_model\.msgpack|.*\.onnx|.*\.npz)$/)
  if (other !== undefined)
    return new Fault(
      'bad-weights',
      `${path} has its weights in ${other}, but no model.safetensors`,
      convert,
    )
  return new Fault('not-found', `no model.safetensors in ${path}`, 'Download the weights.')
}
