// An instruction and its input as one prompt, in the words of Stanford Alpaca (Taori et al. 2023, train.py, PROMPT_DICT).

const task = 'Below is an instruction that describes a task'
const wanted = 'Write a response that appropriately completes the request.'

export const inAlpaca = 'instruction and input are joined by the template of Alpaca'
export const inAlpacaAlone = 'the instruction, without an input, is in the template of Alpaca'

/** @param input empty: the template without one */
export function alpacaPrompt(instruction: string, input: string): string {
  const asked = `### Instruction:\n${instruction}\n\n`
  return input === ''
    ? `${task}. ${wanted}\n\n${asked}### Response:`
    : `${task}, paired with an input that provides further context. ${wanted}\n\n${asked}### Input:\n${input}\n\n### Response:`
}
