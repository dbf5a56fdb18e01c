// The engine's entry, as a worker thread or as a Node process of its own. What it does is in workbench.ts.
import { serve } from './contract/rpc'
import { createWorkbench } from './workbench'
import { ownPort } from './workbench/own-port'

const { port, leave } = ownPort()
serve(port, createWorkbench, leave)
