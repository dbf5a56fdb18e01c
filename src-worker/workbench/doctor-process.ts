// `spw gpu doctor` for the app, in a process of its own: what a fresh start finds, whatever the engine has loaded.
import { asFault, type FaultData } from '../contract/fault'
import { type Diagnosis, diagnose } from '../gpu/doctor'
import { engineHome } from '../session/cuda-install'

export type DoctorAnswer = { readonly diagnosis: Diagnosis } | { readonly fault: FaultData }

const tell = (answer: DoctorAnswer): void => {
  process.send?.(answer, undefined, undefined, () => process.exit(0))
}

diagnose(engineHome()).then(
  diagnosis => tell({ diagnosis }),
  error => tell({ fault: asFault(error).toData() }),
)
