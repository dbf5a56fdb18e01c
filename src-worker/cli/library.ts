// spw models, datasets: what the library holds, by the names that --model and --data take.

import type { Command } from 'commander'
import { faultText } from '../contract/fault'
import type { DatasetEntry, ModelEntry } from '../contract/library'
import { withWorkbench } from './engine'
import { action, bytesText, type Terminal, table } from './terminal'

const millions = (count: number): string => `${(count / 1e6).toPrecision(3)} M`

function modelRow(model: ModelEntry): readonly string[] {
  const { id, fault, notes } = model
  if (fault !== null) return [id, '', '', '', `cannot be used: ${faultText(fault)}`]
  const kind = model.chatTemplate ? ['a chat model'] : []
  const notesText = [...kind, ...notes].join('; ')
  return [id, model.family, millions(model.parameters), bytesText(model.bytes), notesText]
}

async function modelsCommand(terminal: Terminal): Promise<number> {
  const models = await withWorkbench(({ api }) => api.models({}))
  const headings = ['model', 'family', 'parameters', 'weights', '']
  terminal.answer(models, table(models.map(modelRow), headings))
  return 0
}

/** What --data takes: nothing is written for records that are made as needed. */
const datasetRow = ({ made, path, title, kindName, bytes, field }: DatasetEntry) => [
  title,
  kindName,
  made ? 'made as needed' : bytesText(bytes),
  field,
  made ? '' : path,
]

async function datasetsCommand(terminal: Terminal): Promise<number> {
  const datasets = await withWorkbench(({ api }) => api.datasets({}))
  const headings = ['dataset', 'holds', 'size', 'field', '--data']
  terminal.answer(datasets, table(datasets.map(datasetRow), headings))
  return 0
}

export function addLibraryCommands(program: Command): void {
  program
    .command('models')
    .description('models of the library, by the names that --model takes')
    .action(action(modelsCommand))
  program
    .command('datasets')
    .description('datasets of the library, by the paths that --data takes')
    .action(action(datasetsCommand))
}
