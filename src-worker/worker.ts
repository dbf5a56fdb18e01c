// The engine's entry, as a worker thread or as a Node process of its own. What it does is in workbench.ts.
import { engineTable, type HostTable } from './contract/engine'
import { answerParent } from './ports/own'
import { createWorkbench } from './workbench'

const engine = engineTable(createWorkbench, events => host.tell.events(events))
const host = answerParent<HostTable>(engine, engine.close)
