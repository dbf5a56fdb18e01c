// `spw gpu doctor` for the app, in a process of its own: what a fresh start finds, whatever the engine has loaded.
import { diagnose } from '../gpu/doctor'
import { answerParent } from '../ports/own'
import { engineHome } from '../session/cuda-install'

const functions = { diagnose: () => diagnose(engineHome()) }
export type DoctorProcess = typeof functions

answerParent(functions)
