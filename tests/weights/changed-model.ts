// Reference models with something changed.
import { copyFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { referencePath } from '../reference-path'

/** A copy of a reference model whose config.json is changed; undefined values remove a field. */
export async function changed(
  model: string,
  change: Record<string, unknown>,
  keep: (file: string) => boolean = () => true,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spw-model-'))
  for (const file of await readdir(referencePath('models', model)))
    if (keep(file)) await copyFile(referencePath('models', model, file), join(folder, file))
  const config = JSON.parse(await readFile(referencePath('models', model, 'config.json'), 'utf8'))
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...change }))
  return folder
}
