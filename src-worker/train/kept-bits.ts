// What is kept beside a run of its bits: its code length, and the answer that was asked for last.
import {
  type BitsAnswer,
  bitsAnswerSchema,
  type CodeLength,
  codeLengthSchema,
} from '../contract/bits'
import { readFitting, runFiles } from './run-folder'

/** null: none, or the run was trained on since. @param step the run's last */
export async function readCodeLength(folder: string, step: number): Promise<CodeLength | null> {
  const read = await readFitting(runFiles(folder).codeLength, codeLengthSchema)
  return read?.step === step ? read : null
}

/** As for the code length. */
export async function readBits(folder: string, step: number): Promise<BitsAnswer | null> {
  const read = await readFitting(runFiles(folder).bits, bitsAnswerSchema)
  return read?.trainedSteps === step ? read : null
}
